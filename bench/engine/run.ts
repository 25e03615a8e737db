import { withEngine } from "../../test/engine/with-engine";
import { printFigures } from "../figures-table";
import { measurePreview } from "./preview";

/** `npm run bench:engine`: figures that need the real engine. */
async function main(): Promise<number> {
  const figures = await withEngine(measurePreview);
  return printFigures(
    { name: "preview", title: "pulumi preview of one tenant's stack, medians of seven rounds" },
    figures,
  );
}

void main().then((missed) => (process.exitCode = missed === 0 ? 0 : 1));

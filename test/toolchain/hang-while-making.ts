import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePart } from "../engine/toolchain/make-part";
import { fillSample, SAMPLE_PART } from "./sample-part";

// Makes all of the sample part but for its end, says so, and waits to be killed.
const [cache] = process.argv.slice(2) as [string];
void makePart(SAMPLE_PART, {
  cache,
  signal: new AbortController().signal,
  fill: async (part, folder, context) => {
    await fillSample(part, folder, context);
    writeFileSync(join(folder, "half"), "");
    process.stdout.write("half\n");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
});

import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { readContext } from "../engine/context";

test("fails for a bed that is gone, with what to do", async () => {
  const file = join(tempFolder(), "context.json");
  await expect(readContext(file)).rejects.toThrow(
    `the bed of ATOM_ENGINE_CONTEXT is gone: '${file}' cannot be read; unset it, or start another with: npm run bed -- --project`,
  );
});

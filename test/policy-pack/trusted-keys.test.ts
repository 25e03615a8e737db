import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPackConfig } from "../../policy-pack/pack-config";
import { temporaryFolder } from "../example-fleet";

test("keys come from the configuration, its files, and the files that the environment lists", () => {
  const folder = temporaryFolder();
  try {
    for (const name of ["a.pub", "b.pub", "c.pub"])
      writeFileSync(join(folder, name), `key ${name}`);
    const { graph } = readPackConfig(
      { trustedKeys: ["inline"], trustedKeyFiles: [join(folder, "a.pub")] },
      { PWD: folder, ATOM_TRUSTED_KEYS: `b.pub:${join(folder, "c.pub")}` },
    );
    expect(graph.trustedKeys).toEqual(["inline", "key a.pub", "key b.pub", "key c.pub"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("fails for a listed file that is not there: nothing passes without its key", () => {
  expect(() => readPackConfig({}, { PWD: "/", ATOM_TRUSTED_KEYS: "nowhere.pub" })).toThrow(
    "ATOM_TRUSTED_KEYS: the file '/nowhere.pub' cannot be read; make a key pair with: cosign generate-key-pair",
  );
});

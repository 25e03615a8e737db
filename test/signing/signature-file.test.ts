import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { signImage } from "../../lib/signing/image-signature";
import { generateSigningKey } from "../../lib/signing/key";
import { readSignatureSet, writeSignatureSet } from "../../lib/signing/signature-file";
import { sha256 } from "../../lib/support/digest";
import { tempFolder } from "../doubles/temp-folder";

const key = generateSigningKey();
const records = ["worker", "api"].map((name) =>
  signImage({ repository: `registry.example/atom/${name}`, digest: sha256(name) }, key),
);

describe("signature file", () => {
  test("reads back what was written, sorted", () => {
    const path = join(tempFolder(), "atom.signatures.json");
    writeSignatureSet(path, { version: 1, signatures: records });
    expect(readSignatureSet(path)).toEqual({ version: 1, signatures: [records[1], records[0]] });
  });

  test("has the same bytes whatever order the records come in", () => {
    const folder = tempFolder();
    const [a, b] = [join(folder, "a.json"), join(folder, "b.json")];
    writeSignatureSet(a, { version: 1, signatures: records });
    writeSignatureSet(b, { version: 1, signatures: [...records].reverse() });
    expect(readFileSync(a)).toEqual(readFileSync(b));
  });

  test("gives nothing for a file that is not there", () => {
    expect(readSignatureSet(join(tempFolder(), "none"))).toBeUndefined();
  });

  test.each([
    ["a newer version", { version: 2, signatures: [] }],
    ["an unknown field", { version: 1, signatures: [], trusted: true }],
    [
      "an upper-case digest",
      { version: 1, signatures: [{ ...records[0], digest: `sha256:${"A".repeat(64)}` }] },
    ],
    [
      "a signature that is not base64",
      { version: 1, signatures: [{ ...records[0], signature: "*" }] },
    ],
  ])("fails for %s", (_, content) => {
    const path = join(tempFolder(), "atom.signatures.json");
    writeFileSync(path, JSON.stringify(content));
    expect(() => readSignatureSet(path)).toThrow(/^Invalid signature file /);
  });
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readSigning } from "../../components/read-signing";
import { writeMirrorState } from "../../lib/registry/mirror/state";
import type { MirrorState } from "../../lib/registry/mirror/state";
import { signImage } from "../../lib/signing/image-signature";
import { generateSigningKey } from "../../lib/signing/key";
import { writeSignatureSet } from "../../lib/signing/signature-file";
import { sha256 } from "../../lib/support/digest";
import { tempFolder } from "../doubles/temp-folder";

const key = generateSigningKey();
const signatures = [signImage({ repository: "registry.example/a", digest: sha256("a") }, key)];
const mirrorState: MirrorState = { version: 1, target: "registry.example", images: [] };

let publicKey: string;
let file: string;
let statePath: string;
beforeEach(() => {
  const folder = tempFolder();
  publicKey = join(folder, "cosign.pub");
  file = join(folder, "atom.signatures.json");
  statePath = join(folder, "mirror_state.json");
  writeFileSync(publicKey, key.publicKeyPem);
  writeSignatureSet(file, { version: 1, signatures });
});

const read = () => readSigning({ publicKey, signatures: file });

describe("readSigning", () => {
  test("reads keys and signatures", () => {
    expect(read()).toEqual({ trustedKeys: [readFileSync(publicKey, "utf8")], signatures });
  });

  test("takes the mirror's state along if it lies beside the signatures", () => {
    writeMirrorState(statePath, mirrorState);
    expect(read()).toEqual({ trustedKeys: [key.publicKeyPem], signatures, mirrorState });
  });

  test("fails for a mirror's state that is damaged: it must not look like none", () => {
    writeFileSync(statePath, "{");
    expect(read).toThrow(/mirror state .*mirror_state\.json.*delete it and mirror again/s);
  });

  test("fails without signatures, and names the command that makes them", () => {
    file = join(tempFolder(), "atom.signatures.json");
    expect(read).toThrow(`${file}: the file cannot be read; sign with: atom mirror sync --apply`);
  });
});

import { readFileSync } from "node:fs";
import { readSignatureSet } from "../lib/signing/signature-file";
import { UsageError } from "../lib/support/problem";
import type { Signing } from "./mirror-reference";
import { checked } from "./usage";

/**
 * Whose signatures count, and the signatures that `atom mirror sync` wrote.
 *
 * @param files.publicKey PEM, as `cosign generate-key-pair` writes it. @default "cosign.pub"
 * @param files.signatures @default "atom.signatures.json"
 * @throws UsageError that names the command which makes a missing file.
 */
export function readSigning({
  publicKey = "cosign.pub",
  signatures = "atom.signatures.json",
}: {
  readonly publicKey?: string;
  readonly signatures?: string;
} = {}): Signing {
  return checked(() => {
    const set = readSignatureSet(signatures);
    if (!set) throw missing(signatures, "sign with: atom mirror sync --apply");
    return { trustedKeys: [readKey(publicKey)], signatures: set.signatures };
  });
}

function readKey(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw missing(path, "make a key pair with: cosign generate-key-pair");
  }
}

function missing(path: string, mend: string): UsageError {
  return new UsageError("signing", [{ path, message: "the file cannot be read", mend }]);
}

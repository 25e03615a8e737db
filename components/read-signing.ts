import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FLEET_FILES } from "../lib/fleet/fleet-files";
import { readMirrorState } from "../lib/registry/mirror/state";
import { readSignatureSet } from "../lib/signing/signature-file";
import { UsageError } from "../lib/support/problem";
import type { Signing } from "./mirror-reference";
import { checked } from "./usage";

/**
 * Whose signatures count, and what `atom mirror sync` wrote: the signatures, and the mirror's state
 * where `mirror_state.json` lies beside them.
 *
 * @param files.publicKey PEM, as `cosign generate-key-pair` writes it. @default "cosign.pub"
 * @param files.signatures @default "atom.signatures.json"
 * @throws UsageError that names the command which makes a missing file, or mends one that is damaged.
 */
export function readSigning({
  publicKey = "cosign.pub",
  signatures = FLEET_FILES.signatures,
}: {
  readonly publicKey?: string;
  readonly signatures?: string;
} = {}): Signing {
  return checked(() => {
    const set = readSignatureSet(signatures);
    if (!set) throw missing(signatures, "sign with: atom mirror sync --apply");
    const mirrorState = readMirrorState(join(dirname(signatures), FLEET_FILES.mirrorState));
    return {
      trustedKeys: [readKey(publicKey)],
      signatures: set.signatures,
      ...(mirrorState === undefined ? {} : { mirrorState }),
    };
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

import { readFileSync } from "node:fs";
import { UsageError } from "../../support/problem";

/**
 * Reads a public key that signatures are verified with.
 *
 * @param named who named the file: a setting or a variable.
 * @returns what the file says; whether that is a key shows when it is used.
 * @throws UsageError if it cannot be read.
 */
export function readTrustedKey(path: string, named: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    const message = `the file '${path}' cannot be read`;
    const mend = "make a key pair with: cosign generate-key-pair";
    throw new UsageError("trusted keys", [{ path: named, message, mend }]);
  }
}

import { UsageError } from "../support/problem";
import { keyError } from "./key-error";
import { loadPublicKey } from "./key";
import type { VerificationKey } from "./key";

/**
 * The public keys of a text such as `cosign.pub`: one PEM block after the other, with nothing but
 * blanks between them. There are two while a key is being replaced, and a signature by either counts.
 * Cosign itself reads the first block only.
 *
 * @throws UsageError if there is no key, or one of them is not ECDSA P-256 or Ed25519. It says which.
 */
export function readTrustedKeys(text: string): VerificationKey[] {
  const blocks = text.split(/(?<=-----END [A-Z0-9 ]+-----)/).filter((block) => block.trim() !== "");
  if (blocks.length === 0) throw keyError("public key", "the file holds no key");
  return blocks.map((block, index) => {
    try {
      return loadPublicKey(block);
    } catch (error) {
      if (blocks.length === 1 || !(error instanceof UsageError)) throw error;
      const place = `key ${index + 1} of ${blocks.length}`;
      throw new UsageError(
        error.subject,
        error.problems.map((problem) => ({ ...problem, path: place })),
      );
    }
  });
}

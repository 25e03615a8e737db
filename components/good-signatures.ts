import { verifyImageSignature } from "../lib/signing/image-signature";
import type { SignatureRecord } from "../lib/signing/signature";
import type { SignedImage } from "../lib/signing/signed-image";
import type { Signing } from "./mirror-reference";

/**
 * The signatures that a trusted key made of exactly this digest in exactly this repository.
 *
 * @returns the reason why there is none, too, for a message.
 */
export function goodSignatures(
  expected: SignedImage,
  { trustedKeys, signatures }: Pick<Signing, "trustedKeys" | "signatures">,
): { readonly signatures: readonly SignatureRecord[]; readonly reason: string } {
  const reasons: string[] = [];
  const good = signatures.filter((record) => {
    if (record.digest !== expected.digest) return false;
    const result = verifyImageSignature(record, expected, trustedKeys);
    if (!result.verified) reasons.push(result.reason);
    return result.verified;
  });
  return { signatures: good, reason: reasons[0] ?? "there is no signature of this digest" };
}

import { signImageBundle } from "../../signing/image-bundle";
import { signImage } from "../../signing/image-signature";
import type { SigningKey } from "../../signing/key";
import type { SignatureRecord } from "../../signing/signature";
import type { ImageToSign, SignedImage } from "../../signing/signed-image";
import type { Place } from "../place";
import { NO_SIGNATURE } from "./search-signatures";
import type { FoundSignature } from "./search-signatures";
import { attachBundle, findBundle } from "./signature-bundle";
import { attachSignature, findTagSignature } from "./signature-tag";

/**
 * Looks in a repository for a trusted key's signature of an image, under cosign's tag and among the
 * bundles that refer to it. One good signature is enough, whatever else lies beside it; none, or a
 * registry that hides it, is a failure. What cannot be seen: that there was a newer image, or that
 * its key has been given up since; whoever asks says which digest and which keys hold.
 *
 * @param keys trusted public keys in PEM.
 * @returns the verification, and the record of the good signature if it lies under the tag.
 * @throws RegistryError if the registry does not answer: that is not "no signature".
 */
export async function findSignature(
  place: Place,
  expected: SignedImage,
  keys: readonly string[],
): Promise<FoundSignature> {
  const tagged = await findTagSignature(place, expected, keys);
  if (tagged.verification.verified) return tagged;
  const attached = await findBundle(place, expected, keys);
  if (attached.verification.verified) return attached;
  const reasons = [tagged.verification.reason, attached.verification.reason];
  const told = [...new Set(reasons)].filter((reason) => reason !== NO_SIGNATURE);
  return { verification: { verified: false, reason: told.join("; ") || NO_SIGNATURE } };
}

/**
 * Signs an image in both forms: under the tag, which cosign up to version 2 and most other tools
 * read, and as a bundle, which cosign 3 prefers. A form in which this key has signed it already is
 * left as it is, so that a second run adds nothing.
 *
 * @param image its manifest has to be in place.
 */
export async function ensureSigned(
  place: Place,
  image: ImageToSign,
  key: SigningKey,
): Promise<SignatureRecord> {
  const keys = [key.publicKeyPem];
  const present = (await findTagSignature(place, image, keys)).record;
  const record = present ?? signImage(image, key);
  if (present === undefined) await attachSignature(place, record);
  const { verification } = await findBundle(place, image, keys);
  if (!verification.verified) {
    await attachBundle(place, image.digest, signImageBundle(image, key));
  }
  return record;
}

import type { Digest } from "../support/digest";

/** What a signature is about: one manifest in one repository. */
export interface SignedImage {
  /** Host, port and path, without a tag: `registry.example:5000/atom/api`. */
  readonly repository: string;
  /** Digest of the manifest. */
  readonly digest: Digest;
}

/** What is to be signed. */
export interface ImageToSign extends SignedImage {
  /**
   * Claims to sign along, as `cosign sign --annotations` does.
   *
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Why something is not about the expected image; undefined if it is.
 *
 * @param found what it names. Whatever names no repository holds for any.
 * @param where what names it, for messages: `the payload`.
 */
export function imageFault(
  found: { readonly repository?: string | undefined; readonly digest: string },
  expected: SignedImage,
  where: string,
): string | undefined {
  const { repository, digest } = found;
  if (repository !== undefined && repository !== expected.repository) {
    return `${where} is about the repository ${short(repository)}, not ${expected.repository}`;
  }
  if (digest !== expected.digest) {
    return `${where} is about the digest ${short(digest)}, not ${expected.digest}`;
  }
  return undefined;
}

/** Foreign text for a message: quoted, and not longer than a digest or a name needs. */
export function short(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

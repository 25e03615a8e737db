import { createHash } from "node:crypto";

/** A content digest as the OCI image specification writes it, algorithm sha256 only. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The sha256 digest of bytes, or of a string's UTF-8. */
export function sha256(content: string | Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The 64 hex digits of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && DIGEST.test(text);
}

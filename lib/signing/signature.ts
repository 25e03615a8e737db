import type { Digest } from "../support/digest";

/**
 * One cosign signature over an OCI manifest, as it is stored: the simple-signing payload and the
 * signature over its bytes. Nothing in it is secret.
 * Source: sigstore/cosign specs/SIGNATURE_SPEC.md.
 */
export interface SignatureRecord {
  /** Repository the signature was made for, host and port included: `registry.example:5000/atom/api`. */
  readonly repository: string;
  /** Digest of the manifest that was signed. */
  readonly digest: Digest;
  /** The simple-signing payload's bytes, base64. */
  readonly payload: string;
  /** ECDSA P-256 with SHA-256 (ASN.1 DER) or Ed25519, base64. */
  readonly signature: string;
  /** sha256 of the public key's DER (SubjectPublicKeyInfo). */
  readonly keyId: Digest;
  /** The body of the transparency log's entry that lay beside it, base64. @default - there was none */
  readonly logEntry?: string | undefined;
}

/** What a verification found. */
export type Verification =
  | { readonly verified: true; readonly keyId: Digest }
  | { readonly verified: false; readonly reason: string };

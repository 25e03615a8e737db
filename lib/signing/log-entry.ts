import { z } from "zod";
import { hexOf, sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { parseStrictJson } from "../support/strict-json";
import { decodeBase64 } from "./blob-signature";
import { loadPublicKey } from "./key";
import { toPem } from "./pem";
import { short } from "./signed-image";

/** A signature that was verified, for the comparison with what a transparency log has. */
export interface LoggedSignature {
  /** What was signed, byte for byte. */
  readonly signed: Uint8Array;
  /** The payload of a DSSE envelope, where one was signed. */
  readonly payload?: Uint8Array;
  /** base64 */
  readonly signature: string;
  /** The key that it was verified with. */
  readonly keyId: Digest;
}

/** Far above the entry of one signature; what is larger is not parsed. */
const LARGEST_ENTRY = 64 * 1024;

const hash = z.object({ algorithm: z.string(), value: z.string() });
const hashOutput = z.object({ algorithm: z.string(), digest: z.string() });
const signatureV2 = z.object({
  content: z.string(),
  verifier: z.object({ publicKey: z.object({ rawBytes: z.string() }) }),
});

/**
 * The entries that name what was signed, with which key, and the signature itself. Every other kind
 * proves nothing about a signature and is refused.
 * Sources: sigstore/rekor pkg/types/{hashedrekord,dsse}, sigstore/protobuf-specs rekor/v2.
 */
const bodySchema = z.union([
  z
    .object({
      kind: z.literal("hashedrekord"),
      apiVersion: z.literal("0.0.1"),
      spec: z.object({
        data: z.object({ hash }),
        signature: z.object({
          content: z.string(),
          publicKey: z.object({ content: z.string() }),
        }),
      }),
    })
    .transform(({ spec: { data, signature } }) => ({
      of: "signed" as const,
      digest: hexDigest(data.hash),
      signatures: [{ content: signature.content, key: pemText(signature.publicKey.content) }],
    })),
  z
    .object({
      kind: z.literal("hashedrekord"),
      apiVersion: z.literal("0.0.2"),
      spec: z.object({
        hashedRekordV002: z.object({ data: hashOutput, signature: signatureV2 }),
      }),
    })
    .transform(({ spec: { hashedRekordV002 } }) => ({
      of: "signed" as const,
      digest: rawDigest(hashedRekordV002.data),
      signatures: [withRawKey(hashedRekordV002.signature)],
    })),
  z
    .object({
      kind: z.literal("dsse"),
      apiVersion: z.literal("0.0.1"),
      spec: z.object({
        payloadHash: hash,
        signatures: z.array(z.object({ signature: z.string(), verifier: z.string() })),
      }),
    })
    .transform(({ spec: { payloadHash, signatures } }) => ({
      of: "payload" as const,
      digest: hexDigest(payloadHash),
      signatures: signatures.map(({ signature, verifier }) => ({
        content: signature,
        key: pemText(verifier),
      })),
    })),
  z
    .object({
      kind: z.literal("dsse"),
      apiVersion: z.literal("0.0.2"),
      spec: z.object({
        dsseV002: z.object({ payloadHash: hashOutput, signatures: z.array(signatureV2) }),
      }),
    })
    .transform(({ spec: { dsseV002 } }) => ({
      of: "payload" as const,
      digest: rawDigest(dsseV002.payloadHash),
      signatures: dsseV002.signatures.map(withRawKey),
    })),
]);

/**
 * Why an entry of a transparency log is not about the signature that it came along with; undefined
 * if it is. Digest, signature and key have all to be the verified ones: a genuine entry about
 * something else, placed beside a signature, would otherwise vouch for it (CVE-2026-22703).
 *
 * That the log has the entry is not checked: that takes the log's own key, and nobody trusts one here.
 *
 * @param body the entry's canonical body, base64.
 */
export function logEntryFault(body: string, verified: LoggedSignature): string | undefined {
  const bytes = decodeBase64(body);
  if (bytes === undefined || bytes.length > LARGEST_ENTRY) return "the log entry cannot be read";
  const json = parseStrictJson(bytes.toString("utf8"));
  const parsed = bodySchema.safeParse("value" in json ? json.value : undefined);
  if (!parsed.success)
    return `the log entry ${kindFault("value" in json ? json.value : undefined)}`;
  const { of, digest, signatures } = parsed.data;
  const content = of === "signed" ? verified.signed : verified.payload;
  if (content === undefined || digest !== hexOf(sha256(content))) {
    return "the log entry is about other content";
  }
  const [entry] = signatures;
  if (signatures.length !== 1 || entry?.content !== verified.signature) {
    return "the log entry is about another signature";
  }
  return keyIdOf(entry.key) === verified.keyId ? undefined : "the log entry names another key";
}

const kindSchema = z.object({ kind: z.string(), apiVersion: z.string() });

function kindFault(body: unknown): string {
  const { data } = kindSchema.safeParse(body);
  if (data === undefined) return "cannot be read";
  return `is of the kind ${short(`${data.kind} ${data.apiVersion}`)}, or lacks what one of a signature has`;
}

function hexDigest({ algorithm, value }: z.infer<typeof hash>): string | undefined {
  return algorithm === "sha256" ? value : undefined;
}

function rawDigest({ algorithm, digest }: z.infer<typeof hashOutput>): string | undefined {
  return algorithm === "SHA2_256" ? decodeBase64(digest)?.toString("hex") : undefined;
}

function withRawKey({ content, verifier }: z.infer<typeof signatureV2>) {
  const der = decodeBase64(verifier.publicKey.rawBytes);
  return { content, key: der && toPem("PUBLIC KEY", der) };
}

function pemText(base64: string): string | undefined {
  return decodeBase64(base64)?.toString("utf8");
}

/** Undefined for what is no key that counts, such as a certificate. */
function keyIdOf(pem: string | undefined): Digest | undefined {
  if (pem === undefined) return undefined;
  try {
    return loadPublicKey(pem).keyId;
  } catch {
    return undefined;
  }
}

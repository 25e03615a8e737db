import { z } from "zod";
import { signBlob, verifyBlob } from "../signing/blob-signature";
import type { SigningKey } from "../signing/key";
import { canonicalJson } from "../support/canonical-json";
import type { Digest } from "../support/digest";
import { isDigest } from "../support/digest";
import type { JoinBinding } from "./token";

/** The statement that a key belongs to a node. */
export interface NodeClaim extends JoinBinding {
  readonly type: "atom-node-claim/v1";
  /** sha256 of the node's public key (SubjectPublicKeyInfo, DER). */
  readonly nodeKey: Digest;
}

/** A claim with the signature of whoever provisions nodes, as `cosign sign-blob` makes it. */
export interface SignedClaim {
  /** The claim's canonical JSON: the bytes that are signed. */
  readonly payload: string;
  /** Base64. */
  readonly signature: string;
}

const LARGEST_CLAIM = 4096;
const claimSchema: z.ZodType<NodeClaim> = z.strictObject({
  type: z.literal("atom-node-claim/v1"),
  cluster: z.string(),
  pool: z.string(),
  node: z.string(),
  tenant: z.string().exactOptional(),
  nodeKey: z.custom<Digest>(isDigest, "is no sha256 digest"),
});

/** Signs that a node's key is the node's own. */
export function signNodeClaim(
  binding: JoinBinding,
  nodeKey: Digest,
  key: Pick<SigningKey, "keyId" | "publicKeyPem" | "sign">,
): SignedClaim {
  const claim: NodeClaim = { type: "atom-node-claim/v1", ...binding, nodeKey };
  const payload = canonicalJson(claim);
  return { payload, signature: signBlob(Buffer.from(payload, "utf8"), key) };
}

/**
 * The claim, if a trusted key signed it and its bytes are the one canonical form of it; else why not.
 *
 * @param keys public keys in PEM.
 */
export function verifyNodeClaim(
  { payload, signature }: SignedClaim,
  keys: readonly string[],
): { readonly claim: NodeClaim } | { readonly problem: string } {
  if (payload.length > LARGEST_CLAIM) return { problem: "the claim is larger than 4 KiB" };
  // The signature first: nothing unsigned is parsed.
  const verification = verifyBlob(Buffer.from(payload, "utf8"), signature, keys);
  if (!verification.verified) return { problem: verification.reason };
  const claim = parseClaim(payload);
  if (claim === undefined) return { problem: "the claim is not one in its canonical form" };
  return { claim };
}

function parseClaim(payload: string): NodeClaim | undefined {
  try {
    const claim = claimSchema.parse(JSON.parse(payload));
    return canonicalJson(claim) === payload ? claim : undefined;
  } catch {
    return undefined;
  }
}

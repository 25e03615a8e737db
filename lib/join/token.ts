import { randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { isDnsSubdomain, nameProblem, printable } from "../kubernetes/names";
import { canonicalJson } from "../support/canonical-json";
import type { Clock } from "../support/clock";
import type { Digest } from "../support/digest";
import { isDigest, sha256 } from "../support/digest";
import { isDuration, parseDuration } from "../support/duration";
import { Problems } from "../support/problem";
import { Secret } from "../support/secret";

/** What one token admits: this node, into this pool of this cluster, for this tenant if any. */
export interface JoinBinding {
  readonly cluster: string;
  readonly pool: string;
  readonly node: string;
  readonly tenant?: string;
}

/** What the gateway keeps of a token. The secret is not in it. */
export interface TokenRecord {
  /** Public; names the token in logs. */
  readonly id: string;
  /** sha256 over the secret together with everything else in this record. */
  readonly hash: Digest;
  readonly binding: JoinBinding;
  /** ISO 8601, UTC. */
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** A token's parts as its holder sends them. */
export interface ParsedToken {
  readonly id: string;
  readonly secret: Secret;
}

const LONGEST_TTL = "24h";
const SECRET_BYTES = 32;
const TOKEN = /^atomjoin1\.([0-9a-f]{16})\.([A-Za-z0-9_-]{43})$/;

/** Why a text is no life time for a token; undefined if it is one: more than nothing, at most 24 h. */
export function joinTtlProblem(ttl: string): string | undefined {
  if (isDuration(ttl) && parseDuration(ttl) <= parseDuration(LONGEST_TTL)) return undefined;
  return `join token life time ${printable(ttl)} is not allowed; use 1s to ${LONGEST_TTL}, such as 15m`;
}

/**
 * Makes a one-time token with a 256-bit secret. Hand `token` to the node and `record` to the ledger;
 * the token cannot be had again.
 *
 * @throws UsageError for a name that is not allowed or a life time outside of 1 s to 24 h.
 */
export function issueJoinToken(
  binding: JoinBinding,
  { ttl, clock }: { readonly ttl: string; readonly clock: Clock },
): { readonly token: Secret; readonly record: TokenRecord } {
  checkBinding(binding, ttl);
  const now = clock.now();
  const id = randomBytes(8).toString("hex");
  const secret = Secret.of(randomBytes(SECRET_BYTES).toString("base64url"));
  const open = {
    id,
    binding,
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + parseDuration(ttl)).toISOString(),
  };
  return {
    token: Secret.of(`atomjoin1.${id}.${secret.reveal()}`),
    record: { ...open, hash: tokenHash(secret, open) },
  };
}

/** A token's parts, or undefined for anything that is no token in its one canonical form. */
export function parseJoinToken(token: Secret): ParsedToken | undefined {
  const match = TOKEN.exec(token.reveal());
  const [, id, secret] = match ?? [];
  if (id === undefined || secret === undefined) return undefined;
  // The last character of unpadded base64url has spare bits; one spelling only is accepted.
  if (Buffer.from(secret, "base64url").toString("base64url") !== secret) return undefined;
  return { id, secret: Secret.of(secret) };
}

/** Whether a token is the one recorded, compared in constant time. A changed record never matches. */
export function tokenMatches(token: ParsedToken, record: TokenRecord): boolean {
  const expected = Buffer.from(record.hash);
  const actual = Buffer.from(tokenHash(token.secret, record));
  return token.id === record.id && timingSafeEqual(expected, actual);
}

function tokenHash(
  secret: Secret,
  { id, binding, issuedAt, expiresAt }: Omit<TokenRecord, "hash">,
) {
  return sha256(canonicalJson({ id, binding, issuedAt, expiresAt, secret: secret.reveal() }));
}

function checkBinding({ cluster, pool, node, tenant }: JoinBinding, ttl: string): void {
  const problems = new Problems();
  for (const [path, name] of Object.entries({ cluster, pool, tenant })) {
    const problem = name === undefined ? undefined : nameProblem(name);
    if (problem !== undefined) problems.add(path, problem);
  }
  if (!isDnsSubdomain(node)) problems.add("node", `name ${printable(node)} is no node name`);
  const ttlProblem = joinTtlProblem(ttl);
  if (ttlProblem !== undefined) problems.add("ttl", ttlProblem);
  problems.throwIfAny("join token");
}

/** The record as a ledger file holds it. */
export const tokenRecordSchema: z.ZodType<TokenRecord> = z
  .strictObject({
    id: z.string().regex(/^[0-9a-f]{16}$/),
    hash: z.custom<Digest>(isDigest, "is no sha256 digest"),
    binding: z.strictObject({
      cluster: z.string(),
      pool: z.string(),
      node: z.string(),
      tenant: z.string().exactOptional(),
    }),
    issuedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .readonly();

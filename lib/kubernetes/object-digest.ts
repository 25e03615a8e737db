import { canonicalJson } from "../support/canonical-json";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";

/** What Pulumi's Kubernetes provider writes into an object by itself; nothing runs differently for it. */
const OF_THE_PROVIDER = {
  annotations: /^pulumi\.com\//,
  labels: /^app\.kubernetes\.io\/managed-by$/,
} as const;

/**
 * The digest of an object as a cluster gets it: canonical JSON without what says as much as a field
 * that is not there, and without what Pulumi's provider writes itself. The same for a manifest and
 * for the resource that is made of it.
 *
 * @throws TypeError for what JSON cannot hold.
 */
export function objectDigest(object: object): Digest {
  const { metadata, ...rest } = withoutNulls(object) as { readonly metadata?: unknown };
  return sha256(canonicalJson({ ...rest, metadata: ownMetadata(metadata) }));
}

function ownMetadata(metadata: unknown): unknown {
  if (!isObject(metadata)) return metadata;
  const own = { ...metadata };
  for (const [field, written] of Object.entries(OF_THE_PROVIDER)) {
    const entries = own[field];
    if (!isObject(entries)) continue;
    const kept = Object.entries(entries).filter(([name]) => !written.test(name));
    own[field] = kept.length === 0 ? undefined : Object.fromEntries(kept);
  }
  return own;
}

/** Kubernetes reads a null as a missing field, and the engine hands none on. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { escapePattern } from "../../support/escape-pattern";
import type { Digest } from "../../support/digest";

/** What a text names of a registry's images. */
export interface UsedReferences {
  /** Every sha256 digest in it, whatever it is of. */
  readonly digests: ReadonlySet<Digest>;
  /** Tags of the registry's images: `atom/api:7.1.0`. */
  readonly tags: ReadonlySet<string>;
}

const DIGEST = /sha256:[0-9a-f]{64}(?![0-9a-f])/g;

/**
 * Every digest in a text, and every image of one registry that it names by tag. The text may be a
 * lock, a state, a manifest or anything else: what only looks like a use is kept as one.
 *
 * @param registry host with an optional port: `registry.example:5000`.
 */
export function usedReferences(text: string, registry: string): UsedReferences {
  const host = escapePattern(registry);
  const tagged = new RegExp(`(?<![\\w.-])${host}/([a-z0-9._/-]+:[\\w][\\w.-]{0,127})`, "g");
  return {
    digests: new Set(text.match(DIGEST) as Digest[] | null),
    tags: new Set([...text.matchAll(tagged)].map(([, name = ""]) => name)),
  };
}

/** The uses of several texts as one. */
export function unitedReferences(all: readonly UsedReferences[]): UsedReferences {
  return {
    digests: new Set(all.flatMap(({ digests }) => [...digests])),
    tags: new Set(all.flatMap(({ tags }) => [...tags])),
  };
}

import { compareBuild, parse } from "semver";
import type { SemVer } from "semver";
import { z } from "zod";
import { allTags } from "../all-tags";
import type { RegistryClient } from "../registry-client";

const PATTERN = /^[A-Za-z0-9_.*?-]{1,128}$/;
const MOST_KEPT = 100;

/** Which tags of a repository are mirrored. */
export const tagPatternSchema = z.strictObject({
  /** What a tag looks like, `*` for any characters and `?` for one: `7.*`, `v1.?.*-alpine`. */
  match: z
    .string()
    .regex(PATTERN, "is not 1 to 128 letters, digits, '_', '.', '-', '*' or '?'")
    .refine((match) => /[*?]/.test(match), "has no '*' or '?'; write a single tag into the source"),
  /** How many of them are kept, the newest. */
  newest: z.int().min(1).max(MOST_KEPT),
});

/** Which tags of a repository are mirrored. */
export type TagPattern = Readonly<z.infer<typeof tagPatternSchema>>;

/** What clients keep under a digest's name: signatures, attestations, lists of referrers. */
const ATTACHED = /^sha256-[0-9a-f]{64}(?:\.|$)/;

/**
 * The tags that a pattern selects, newest first. Where any that match are versions (`7.2.0`,
 * `v7.2.0-alpine`), only versions count, in the order of semver.org; so the floating `7.2` beside
 * `7.2.1` does not. A version with a `-` part is a pre-release and counts only if the pattern has a
 * `-` too. Where none is a version, names are compared, and numbers in them as numbers.
 */
export function selectTags(tags: Iterable<string>, { match, newest }: TagPattern): string[] {
  const matching = [...tags].filter((tag) => !ATTACHED.test(tag) && matchesGlob(match, tag));
  const versions = matching.flatMap((tag) => {
    const version = versionOf(tag);
    return version === null ? [] : [{ tag, version }];
  });
  const sorted =
    versions.length > 0
      ? versions
          .filter(({ version }) => version.prerelease.length === 0 || match.includes("-"))
          .sort((a, b) => compareBuild(b.version, a.version) || byName(b.tag, a.tag))
          .map(({ tag }) => tag)
      : matching.sort((a, b) => byName(b, a));
  return sorted.slice(0, newest);
}

/**
 * Lists a repository's tags and selects from them.
 *
 * @throws RegistryError `refused` for a repository of more than 100,000 tags.
 */
export async function readMatchingTags(
  client: RegistryClient,
  repository: string,
  pattern: TagPattern,
): Promise<string[]> {
  return selectTags(new Set(await allTags(client, repository)), pattern);
}

/** Helm writes a version's `+` as `_`, which a tag may have. */
function versionOf(tag: string): SemVer | null {
  return parse(tag.replace(/^v/, "").replace("_", "+"));
}

const collator = new Intl.Collator("en", { numeric: true });

function byName(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** Takes at most the product of both lengths in steps, which a regular expression does not promise. */
function matchesGlob(pattern: string, text: string): boolean {
  let [at, inText, star, retry] = [0, 0, -1, 0];
  while (inText < text.length) {
    if (pattern[at] === "*") {
      [star, retry] = [at, inText];
      at += 1;
    } else if (pattern[at] === "?" || pattern[at] === text[inText]) {
      at += 1;
      inText += 1;
    } else if (star >= 0) {
      // The last star takes one character more.
      retry += 1;
      [at, inText] = [star + 1, retry];
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

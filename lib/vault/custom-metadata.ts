const MOST_ENTRIES = 64;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 512;

/**
 * Why a store would refuse custom metadata; undefined if it would not.
 * Source: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#create-update-metadata
 */
export function customMetadataProblem(
  metadata: Readonly<Record<string, string>>,
): string | undefined {
  const entries = Object.entries(metadata);
  if (entries.length > MOST_ENTRIES) {
    return `${entries.length} entries of custom metadata; at most ${MOST_ENTRIES} are allowed`;
  }
  for (const [key, value] of entries) {
    const problem = textProblem(key, 1, LONGEST_KEY) ?? textProblem(value, 0, LONGEST_VALUE);
    if (problem !== undefined) return `an entry of custom metadata ${problem}`;
  }
  return undefined;
}

function textProblem(text: string, shortest: number, longest: number): string | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes < shortest || bytes > longest) {
    return `has a text of ${bytes} bytes; ${shortest} to ${longest} are allowed`;
  }
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(text) ? "holds an unprintable character" : undefined;
}

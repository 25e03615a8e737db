/** A map as Go's encoding/json writes it: keys sorted, and more escaped than JSON asks for. */
export function goJson(map: Readonly<Record<string, string>>): string {
  const sorted = Object.keys(map).sort();
  const json = JSON.stringify(Object.fromEntries(sorted.map((key) => [key, map[key]])));
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A text's value, or undefined if it is no JSON: for who checks by a schema what came, and tells in its own words. */
export function parseJson(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === "string" ? text : Buffer.from(text).toString("utf8"));
  } catch {
    return undefined;
  }
}

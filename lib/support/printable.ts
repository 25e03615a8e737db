import { ascii } from "./ascii";
import { withoutSecrets } from "./secret-text";

const LONGEST_PRINTED = 80;
/** A secret's mark may stand behind what is printed, but hardly further away. */
const LONGEST_LOOKED_AT = 512;

/**
 * A string as ASCII JSON, cut at 80 characters, for a message about a text that may be hostile. What looks
 * like a secret is taken out before the cut, which could hide its mark.
 */
export function printable(text: string): string {
  const told = withoutSecrets(text, LONGEST_LOOKED_AT);
  const cut = told.length > LONGEST_PRINTED ? `${told.slice(0, LONGEST_PRINTED)}...` : told;
  return ascii(JSON.stringify(cut));
}

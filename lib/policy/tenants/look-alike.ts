import { isReservedName } from "../../kubernetes/names";

/** Letters of other scripts, and digits, that a reader takes for a Latin letter. */
const CONFUSABLE: Readonly<Record<string, string>> = Object.fromEntries([
  // Cyrillic
  ["а", "a"],
  ["в", "b"],
  ["с", "c"],
  ["ԁ", "d"],
  ["е", "e"],
  ["ё", "e"],
  ["ѕ", "s"],
  ["һ", "h"],
  ["і", "i"],
  ["ї", "i"],
  ["ј", "j"],
  ["к", "k"],
  ["ӏ", "l"],
  ["м", "m"],
  ["н", "h"],
  ["о", "o"],
  ["р", "p"],
  ["ԛ", "q"],
  ["г", "r"],
  ["т", "t"],
  ["ц", "u"],
  ["ѵ", "v"],
  ["ԝ", "w"],
  ["х", "x"],
  ["у", "y"],
  // Greek
  ["α", "a"],
  ["β", "b"],
  ["ε", "e"],
  ["η", "n"],
  ["ι", "i"],
  ["κ", "k"],
  ["μ", "u"],
  ["ν", "v"],
  ["ο", "o"],
  ["ρ", "p"],
  ["τ", "t"],
  ["υ", "u"],
  ["χ", "x"],
  ["γ", "y"],
  // Latin letters of other languages, dashes, digits
  ["ı", "i"],
  ["ɩ", "i"],
  ["ǀ", "l"],
  ["ł", "l"],
  ["ø", "o"],
  ["ß", "b"],
  ["‐", "-"],
  ["‑", "-"],
  ["‒", "-"],
  ["–", "-"],
  ["—", "-"],
  ["−", "-"],
  ["_", "-"],
  ["0", "o"],
  ["1", "l"],
  ["3", "e"],
  ["5", "s"],
]);

const ANY_CONFUSABLE = new RegExp(`[${Object.keys(CONFUSABLE).join("")}]`, "gu");

/**
 * A name as the eye reads it: compatibility forms and case folded, accents and invisible characters
 * dropped, letters of other scripts and digits as the Latin letter they look like.
 * Source: Unicode Technical Standard 39, confusables, the part that touches a-z and '-'.
 */
function skeleton(name: string): string {
  const folded = name.normalize("NFKC").toLowerCase().normalize("NFD");
  const visible = folded.replace(/[\p{M}\p{Cf}\p{Z}\p{Cc}]/gu, "");
  return visible.replace(ANY_CONFUSABLE, (letter) => CONFUSABLE[letter]!);
}

/** Whether a name reads like a reserved one; a reserved one does, too. */
export function looksReserved(name: string): boolean {
  const read = skeleton(name);
  // Two letters side by side may read as one; "kubernetes" itself has such a pair.
  return [read, read.replaceAll("rn", "m"), read.replaceAll("vv", "w")].some(isReservedName);
}

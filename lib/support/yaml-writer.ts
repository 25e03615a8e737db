import { unicodeEscape } from "./ascii";

/**
 * YAML that every reader, of version 1.1 or 1.2, reads back to the same values. A string stands
 * without quotes only if it begins with a letter or a slash, has none but harmless characters, and
 * is no word that some reader takes for a boolean, null or a number. Lines of plain ASCII stand as
 * a block. Any other string is written as JSON writes it, with the characters escaped that YAML 1.1
 * takes for line breaks or refuses.
 */

const PLAIN = /^[A-Za-z/][-A-Za-z0-9_./@]*(:[-A-Za-z0-9_./@]+)*$/;
const BLOCK = /^[!-~][ -~]*\n( *[!-~][ -~]*\n)*$/;
/** The last one is a number without digits before its exponent: some readers make it NaN. */
const WORDS = /^(y|n|yes|no|on|off|true|false|null|nan|inf|e[-+]?[0-9].*)$/i;
/** Longer keys would have to be written in another form (YAML 1.2, section 8.2.2). */
const LONGEST_KEY = 512;

/** Documents in the order given, keys sorted, each begun by `---`. */
export function toYaml(objects: readonly unknown[]): string {
  return objects.map((object) => `---\n${yamlDocument(object)}`).join("");
}

/**
 * One value as a YAML document with a final newline.
 *
 * @throws TypeError for what JSON cannot hold, and for text that is no Unicode.
 */
export function yamlDocument(value: unknown): string {
  const lines: string[] = [];
  if (isEmpty(value)) lines.push(scalar(value, "  "));
  else writeCollection(value as object, "", "", lines);
  return `${lines.join("\n")}\n`;
}

/** @param first what stands before the first line: `indent`, or `- ` of the sequence around it. */
function writeCollection(value: object, first: string, indent: string, lines: string[]): void {
  let lead = first;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      if (isEmpty(item)) lines.push(`${lead}- ${scalar(item, `${indent}  `)}`);
      else writeCollection(item as object, `${lead}- `, `${indent}  `, lines);
      lead = indent;
    }
    return;
  }
  for (const [name, member] of sortedMembers(value)) {
    if (isEmpty(member)) lines.push(`${lead}${key(name)}: ${scalar(member, `${indent}  `)}`);
    else {
      lines.push(`${lead}${key(name)}:`);
      writeCollection(member as object, `${indent}  `, `${indent}  `, lines);
    }
    lead = indent;
  }
}

function sortedMembers(value: object): [string, unknown][] {
  return Object.entries(value as Record<string, unknown>)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Whether a value stands on one line: all but a collection with something in it. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : sortedMembers(value).length === 0;
}

function key(name: string): string {
  if (name.length > LONGEST_KEY) {
    throw new TypeError(`a key has ${name.length} characters; at most ${LONGEST_KEY} are allowed`);
  }
  return quoted(name);
}

/** @param indent of the lines of a block. */
function scalar(value: unknown, indent: string): string {
  switch (typeof value) {
    case "string":
      return BLOCK.test(value) ? block(value, indent) : quoted(value);
    case "number":
      return number(value);
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "[]" : "{}";
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
      throw new TypeError(`a manifest cannot hold a value of type ${typeof value}`);
  }
}

function block(text: string, indent: string): string {
  return `|\n${indent}${text.slice(0, -1).replaceAll("\n", `\n${indent}`)}`;
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`a manifest cannot hold the number ${value}`);
  const text = JSON.stringify(value);
  // YAML 1.1 knows a number with an exponent only by its dot.
  return /^-?[0-9]+e/.test(text) ? text.replace("e", ".0e") : text;
}

function quoted(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text;
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError("a text holds half a surrogate pair and cannot be written as UTF-8");
  }
  return JSON.stringify(text).replace(
    /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g,
    unicodeEscape,
  );
}

export const XML_HEADER = '<?xml version="1.0" encoding="UTF-8"?>';

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element; attributes without a value are left out. */
export function element(name: string, attributes: Attributes, inside = ""): string {
  const start = startTag(name, attributes);
  return inside === "" ? start.replace(/>$/, "/>") : `${start}${inside}</${name}>`;
}

/** What begins an element whose inside comes in pieces. */
export function startTag(name: string, attributes: Attributes): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${attributeText(String(value))}"`)
    .join("");
  return `<${name}${written}>`;
}

/** Text inside of an element. What XML 1.0 cannot hold (section 2.2, Char) is dropped. */
export function xmlText(text: string): string {
  const held = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");
  // A carriage return would be read as a line feed.
  return held.replace(/[&<>\r]/g, (character) => ENTITIES[character]!);
}

/** A line break inside of an attribute would be read as a blank. */
function attributeText(text: string): string {
  return xmlText(text).replace(/["\t\n]/g, (character) => ENTITIES[character]!);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

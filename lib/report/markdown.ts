/** A page from its parts: paragraphs, tables and lists, one blank line between them. */
export function page(title: string, ...parts: readonly (string | undefined)[]): string {
  return `${[`# ${title}`, ...parts.filter((part) => part !== undefined && part !== "")].join("\n\n")}\n`;
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

/** Code in a line, also if it holds backticks. */
export function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** `1 image`, `2 images`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** A byte count for people: `512 B`, `1.5 MiB`. */
export function bytes(number: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = number;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A digest that fits a table's cell. */
export function shortDigest(digest: string): string {
  return code(digest.slice(0, "sha256:".length + 12));
}

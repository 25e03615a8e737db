/** Rows under a heading, padded into columns for a terminal or a plain-text log. */
export function textTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [...tableLines(heading, rows)].join("\n");
}

/** Characters. One long cell moves the rest of its own row, and makes no other row longer. */
const WIDEST_COLUMN = 100;

/** The lines of a {@link textTable}, one by one: many rows may be more than a string can hold. */
export function* tableLines(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): Generator<string> {
  const widths = heading.map(() => 0);
  for (const row of [heading, ...rows]) {
    for (const [column, { length }] of row.entries()) {
      widths[column] = Math.min(WIDEST_COLUMN, Math.max(widths[column] ?? 0, length));
    }
  }
  for (const row of [heading, ...rows]) {
    yield row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd();
  }
}

/** The same rows as a GitHub-flavoured Markdown table; bars, backslashes and line breaks in cells are escaped. */
export function markdownTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll(/[\\|]/g, "\\$&").replaceAll(/\r\n?|\n/g, " ")).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Splits a line as Python's `shlex.split(line, comments=True)` does, which is how Ansible reads a
 * host line: quotes group, a backslash escapes, and `#` begins a comment wherever it stands outside
 * of quotes.
 *
 * @throws SyntaxError for an open quote or a backslash at the end; the message repeats nothing of the line.
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at]!;
    if (character === "\\" && quote !== "'") {
      const next = line[(at += 1)];
      if (next === undefined) throw new SyntaxError("a backslash ends the line");
      const kept = quote === '"' && next !== '"' && next !== "\\";
      word = (word ?? "") + (kept ? `\\${next}` : next);
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "#") {
      break;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== undefined) throw new SyntaxError("a quote is not closed");
  if (word !== undefined) words.push(word);
  return words;
}

import { lineFinder } from "./lines";
import type { Lines, Path } from "./lines";

/**
 * Where in a JSON text values stand: the lines from a member's key, or a list's item, to the end of its
 * value. Where a path leads nowhere, the first line of the nearest part that is there. One pass
 * over the text, however many paths there are.
 *
 * @param text whole JSON.
 */
export function jsonLinesOf(text: string, paths: readonly Path[]): readonly Lines[] {
  const root = new Wanted();
  const wanted = paths.map((path) => root.below(path));
  new JsonWalk(text).walk(root);
  const lineOf = lineFinder(text);
  return wanted.map((place) => {
    const { start, end } = place.nearest();
    const first = lineOf(start);
    return { first, last: place.found ? lineOf(end - 1) : first };
  });
}

/** A place that somebody asks for, or one on the way there. */
class Wanted {
  found = false;
  #extent = { start: 0, end: 0 };
  readonly #inside = new Map<string | number, Wanted>();

  constructor(readonly around?: Wanted) {}

  below(path: Path): Wanted {
    return path.reduce<Wanted>((place, step) => place.#step(step), this);
  }

  at(step: string | number): Wanted | undefined {
    return this.#inside.get(step);
  }

  find(start: number, end: number): void {
    this.found = true;
    this.#extent = { start, end };
  }

  nearest(): { readonly start: number; readonly end: number } {
    return this.found || this.around === undefined ? this.#extent : this.around.nearest();
  }

  #step(step: string | number): Wanted {
    const known = this.#inside.get(step);
    if (known) return known;
    const made = new Wanted(this);
    this.#inside.set(step, made);
    return made;
  }
}

/** No repetition: a long text would outgrow the stack of the regular expression. */
const TOKEN = /\\.|["{}[\]]/g;

/** Walks over whole JSON, into what is wanted, and past the rest. Recursive: as deep as the paths are long. */
class JsonWalk {
  #at = 0;

  constructor(private readonly text: string) {}

  walk(root: Wanted): void {
    this.#blanks();
    const start = this.#at;
    this.#value(root);
    root.find(start, this.#at);
  }

  #value(wanted: Wanted | undefined): void {
    const open = this.text[this.#at];
    if (wanted !== undefined && open === "{") this.#members("}", wanted);
    else if (wanted !== undefined && open === "[") this.#members("]", wanted);
    else this.#skip();
  }

  #members(close: string, wanted: Wanted): void {
    this.#at += 1;
    this.#blanks();
    for (let index = 0; this.text[this.#at] !== close; index += 1) {
      const start = this.#at;
      const member = wanted.at(close === "]" ? index : this.#key());
      this.#value(member);
      member?.find(start, this.#at);
      this.#blanks();
      if (this.text[this.#at] === ",") this.#at += 1;
      this.#blanks();
    }
    this.#at += 1;
  }

  #key(): string {
    const start = this.#at;
    this.#skip();
    const key = JSON.parse(this.text.slice(start, this.#at)) as string;
    this.#blanks();
    this.#at += 1;
    this.#blanks();
    return key;
  }

  #blanks(): void {
    while (/[ \t\r\n]/.test(this.text[this.#at] ?? "")) this.#at += 1;
  }

  /** Past one value, or a member's key. */
  #skip(): void {
    if (!/["{[]/.test(this.text[this.#at] ?? "")) {
      while (/[^,}\]\s]/.test(this.text[this.#at] ?? " ")) this.#at += 1;
      return;
    }
    let depth = 0;
    let quoted = false;
    TOKEN.lastIndex = this.#at;
    for (let match = TOKEN.exec(this.text); match !== null; match = TOKEN.exec(this.text)) {
      const token = match[0];
      if (token === '"') quoted = !quoted;
      else if (!quoted && (token === "{" || token === "[")) depth += 1;
      else if (!quoted && (token === "}" || token === "]")) depth -= 1;
      if (!quoted && depth === 0) {
        this.#at = TOKEN.lastIndex;
        return;
      }
    }
    this.#at = this.text.length;
  }
}

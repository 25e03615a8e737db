/** Lines of a text, from 1, both of them included. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

/** Keys of objects and positions in lists. */
export type Path = readonly (string | number)[];

/** Tells in which line, from 1, an offset of a text stands. */
export function lineFinder(text: string): (offset: number) => number {
  const breaks: number[] = [];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) breaks.push(at);
  return (offset) => {
    let low = 0;
    let high = breaks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (breaks[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

import { printable } from "../kubernetes/names";

/** More hosts than this from one pattern is a slip of the keyboard, not an inventory. */
export const MOST_HOSTS_OF_A_PATTERN = 10_000;

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const RANGE = /\[([^\][]*:[^\][]*)\]/;

/**
 * The hosts of an Ansible host pattern, in Ansible's order: `node[01:03]` gives node01, node02 and
 * node03, `rack[a:b]-[1:5:2]` gives six. The end is included, a leading zero pads, a third part is
 * the step, an empty begin is 0. A pattern without a range is itself.
 * Source: ansible-core, `expand_hostname_range` of lib/ansible/plugins/inventory/__init__.py.
 *
 * @throws RangeError for a range that Ansible refuses, and for more than
 * {@link MOST_HOSTS_OF_A_PATTERN} hosts.
 */
export function expandHostRange(pattern: string): string[] {
  const hosts: string[] = [];
  expandInto(hosts, "", pattern);
  return hosts;
}

function expandInto(hosts: string[], head: string, rest: string): void {
  const match = RANGE.exec(rest);
  if (!match) {
    if (hosts.length >= MOST_HOSTS_OF_A_PATTERN) throw tooMany();
    hosts.push(head + rest);
    return;
  }
  const tail = rest.slice(match.index + match[0].length);
  for (const member of rangeMembers(match[1]!)) {
    expandInto(hosts, head + rest.slice(0, match.index) + member, tail);
  }
}

function rangeMembers(range: string): string[] {
  const [begin = "", end = "", stepText = "1", ...more] = range.split(":");
  const step = Number(stepText);
  if (more.length > 0 || !/^[0-9]{1,6}$/.test(stepText) || step === 0) {
    throw new RangeError(`host range ${shown(range)} must be begin:end or begin:end:step`);
  }
  if (end === "") throw new RangeError(`host range ${shown(range)} must name its end`);
  return letterRange(begin, end, step) ?? numberRange(begin === "" ? "0" : begin, end, step, range);
}

function letterRange(begin: string, end: string, step: number): string[] | undefined {
  if (begin.length !== 1 || end.length !== 1) return undefined;
  const [first, last] = [LETTERS.indexOf(begin), LETTERS.indexOf(end)];
  if (first < 0 || last < 0) return undefined;
  return counted(first, last, step, `${begin}:${end}`).map((index) => LETTERS[index]!);
}

function numberRange(begin: string, end: string, step: number, range: string): string[] {
  if (!/^[0-9]{1,9}$/.test(begin) || !/^[0-9]{1,9}$/.test(end)) {
    throw new RangeError(`host range ${shown(range)} must run between two numbers or two letters`);
  }
  const padded = begin.startsWith("0") && begin.length > 1;
  if (padded && begin.length !== end.length) {
    throw new RangeError(`host range ${shown(range)} must pad begin and end to the same length`);
  }
  return counted(Number(begin), Number(end), step, range).map((value) =>
    padded ? String(value).padStart(begin.length, "0") : String(value),
  );
}

function counted(first: number, last: number, step: number, range: string): number[] {
  if (first > last) throw new RangeError(`host range ${shown(range)} must not begin after its end`);
  const length = Math.floor((last - first) / step) + 1;
  if (length > MOST_HOSTS_OF_A_PATTERN) throw tooMany();
  return Array.from({ length }, (_, index) => first + index * step);
}

function tooMany(): RangeError {
  return new RangeError(`host pattern gives more than ${MOST_HOSTS_OF_A_PATTERN} hosts`);
}

function shown(range: string): string {
  return printable(`[${range}]`);
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^([1-9][0-9]{0,5})(s|m|h|d)$/;

/** A length of time as users write it: a whole number and one unit, `90s`, `15m`, `24h` or `7d`. */
export function isDuration(text: string): boolean {
  return DURATION.test(text);
}

/**
 * Milliseconds in a duration such as `15m`.
 *
 * @throws RangeError if the text is no duration.
 */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  if (!match)
    throw new RangeError(`'${text}' is no duration; write a number and s, m, h or d (15m)`);
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

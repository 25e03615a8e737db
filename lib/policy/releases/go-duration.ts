const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3_600,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/**
 * Seconds in a duration as Go and Kubernetes write it: `5m`, `1h30m`, `1.5s`.
 *
 * @returns undefined for what is none, a negative one included: nobody waits for that long.
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function goDurationSeconds(value: unknown): number | undefined {
  // A longer one is no duration that anybody means.
  if (typeof value !== "string" || value.length > 100 || !DURATION.test(value)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of value.matchAll(PART)) seconds += Number(amount) * SECONDS[unit!]!;
  return seconds;
}

import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "../registry-error";

/** How often and how long a failed exchange is tried again. Times are milliseconds. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Wait before the second attempt; it doubles with each further one. */
  readonly firstWait: number;
  /** Longest single wait, whatever the server asks for with Retry-After. */
  readonly longestWait: number;
  /** All waits of one exchange together. */
  readonly waitBudget: number;
}

export const DEFAULT_RETRIES: RetryPolicy = {
  attempts: 4,
  firstWait: 500,
  longestWait: 60_000,
  waitBudget: 120_000,
};

/** What waiting needs from the outside; tests bring their own. */
export interface Timing {
  wait(milliseconds: number): Promise<void>;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

export const realTiming: Timing = {
  wait: (milliseconds) => sleep(milliseconds),
  random: () => Math.random(),
};

/**
 * Repeats an action while it fails with a {@link TransientError}: with exponential waits and full
 * jitter, or after as long as the server asked for. Everything else is thrown at once.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  timing: Timing,
  action: () => Promise<T>,
): Promise<T> {
  let waited = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof TransientError) || attempt >= policy.attempts) throw error;
      const wait = nextWait(policy, timing, attempt, error.retryAfter);
      // A server that wants more patience than there is gets no further attempt.
      if (waited + wait > policy.waitBudget) throw error;
      waited += wait;
      await timing.wait(wait);
    }
  }
}

function nextWait(policy: RetryPolicy, timing: Timing, attempt: number, asked?: number): number {
  const backoff = policy.firstWait * 2 ** (attempt - 1) * timing.random();
  return Math.min(policy.longestWait, Math.max(asked ?? 0, backoff));
}

/**
 * The wait a Retry-After header asks for, in milliseconds; undefined if it is absent or no number of
 * seconds and no date. Source: RFC 9110 section 10.2.3.
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  // Date.parse takes much for a date that is none ("-1"); an HTTP date ends in GMT.
  const date = header.trim().endsWith("GMT") ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

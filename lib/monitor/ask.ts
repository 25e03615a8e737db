import { setTimeout as sleep } from "node:timers/promises";
import type { KubeApi, KubeRequest } from "../topology/kube-api";
import { KubeApiError } from "../topology/kube-api";

const ATTEMPTS = 4;
const FIRST_DELAY = 250;
const LONGEST_DELAY = 30_000;
/** What passes by itself: an overloaded server, one that restarts, a connection that was cut. */
const PASSING = new Set(["429", "500", "502", "503", "504", "ECONNRESET", "EPIPE"]);

/** Reads a path, again where that may help. @throws KubeApiError */
export async function ask(api: KubeApi, path: string, request: KubeRequest = {}): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await api.get(path, request);
    } catch (error) {
      const again = error instanceof KubeApiError && PASSING.has(error.code);
      if (!again || attempt >= ATTEMPTS) throw error;
      await sleep(delayBefore(attempt, error.retryAfter), undefined, { signal: request.signal });
    }
  }
}

/**
 * Milliseconds before an attempt after the `failures`-th failure: twice as long each time, the second half
 * random, so that clients do not come back together.
 */
export function delayBefore(failures: number, retryAfter?: number): number {
  if (retryAfter !== undefined) return Math.min(retryAfter * 1000, LONGEST_DELAY);
  const most = Math.min(FIRST_DELAY * 2 ** (failures - 1), LONGEST_DELAY);
  return most / 2 + (Math.random() * most) / 2;
}

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "../support/secret";

/**
 * Compares values through a keyed hash. The key is made for one comparison run and never leaves
 * memory, so that nothing a run writes down can be used to guess a value.
 */
export class PayloadComparison {
  readonly #key = randomBytes(32);

  equal(a: Secret, b: Secret): boolean {
    return timingSafeEqual(this.#hash(a), this.#hash(b));
  }

  #hash(payload: Secret): Buffer {
    return createHmac("sha256", this.#key).update(payload.reveal(), "utf8").digest();
  }
}

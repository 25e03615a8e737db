import { RegistryError, TransientError } from "../registry-error";

/** How long a host may leave everything unanswered. Times are milliseconds. */
export interface SilenceLimits {
  /** After how long somebody is told. */
  readonly told: number;
  /** After how long the host is given up. */
  readonly most: number;
  /** For how long a host that was given up is asked nothing. */
  readonly rest: number;
}

export const DEFAULT_SILENCE: SilenceLimits = { told: 10_000, most: 60_000, rest: 60_000 };

/** A host that has answered nothing for a while. */
export interface SilentHost extends SilenceLimits {
  /** `ghcr.io`, `registry.example:5000` */
  readonly host: string;
}

/**
 * Since when a host answers nothing, whoever asks it. An exchange has a patience and attempts of its own; over
 * many images those of a host that takes connections and never answers would come to hours.
 */
export class Silence {
  readonly #host: SilentHost;
  readonly #tell: (host: SilentHost) => void;
  /** When the first question without an answer was asked. */
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #givenUpUntil = 0;

  /** @param tell is called once a silence, if it lasts. */
  constructor(host: SilentHost, tell: (host: SilentHost) => void) {
    this.#host = host;
    this.#tell = tell;
  }

  /** @throws RegistryError `unreachable` while the host is given up. */
  check(what: string): void {
    if (performance.now() < this.#givenUpUntil) throw this.#givenUp(what);
  }

  /** It is the host's turn to answer. */
  asked(): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    // It keeps no process alive: the exchange does.
    this.#timer = setTimeout(() => this.#tell(this.#host), this.#host.told).unref();
  }

  /** Whatever the answer is, and be it that the connection was refused. */
  answered(): void {
    this.#begin();
    this.#givenUpUntil = 0;
  }

  /**
   * An exchange has ended without an answer.
   *
   * @param patience how long it lasted, in milliseconds.
   * @returns a TransientError, or, once the host is given up, one for which nothing is tried again.
   */
  unanswered(what: string, patience: number): RegistryError {
    const { host, most, rest } = this.#host;
    const now = performance.now();
    if (now < this.#givenUpUntil) return this.#givenUp(what);
    this.#since ??= now - patience;
    // Timers may be a moment early.
    if (now - this.#since < most - 1) {
      return new TransientError(`${what}: ${host} was too slow or silent for ${patience} ms`);
    }
    this.#begin();
    this.#givenUpUntil = now + rest;
    return this.#givenUp(what);
  }

  /** As if nothing had been asked yet. */
  #begin(): void {
    clearTimeout(this.#timer);
    this.#since = undefined;
  }

  #givenUp(what: string): RegistryError {
    const { host, most } = this.#host;
    return new RegistryError(
      "unreachable",
      `${what}: ${host} has given no answer for ${most / 1_000} s`,
    );
  }
}

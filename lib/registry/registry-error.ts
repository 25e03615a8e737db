/**
 * What kind of failure a registry had:
 * - `unreachable`: no answer, a broken one, or a server's error, after the allowed retries
 * - `denied`: 401 or 403
 * - `missing`: something that another thing names is not there
 * - `corrupt`: bytes, a size or a digest that are not what was asked for
 * - `unsigned`: no trusted key's signature is where one is asked for
 * - `refused`: what the registry holds or asks is against this library's rules, or it said 4xx
 */
export const REGISTRY_FAILURES = [
  "unreachable",
  "denied",
  "missing",
  "corrupt",
  "refused",
  "unsigned",
] as const;

export type RegistryFailure = (typeof REGISTRY_FAILURES)[number];

/** A failed exchange with a registry or a layout. The message holds no credential and no URL. */
export class RegistryError extends Error {
  readonly failure: RegistryFailure;

  constructor(failure: RegistryFailure, message: string) {
    super(message);
    this.name = "RegistryError";
    this.failure = failure;
  }
}

/** A failure that may pass: it is tried again, and thrown as it is once the attempts are used up. */
export class TransientError extends RegistryError {
  /** What the server asked for with Retry-After, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number) {
    super("unreachable", message);
    this.retryAfter = retryAfter;
  }
}

/** A connection that was kept had been closed when it was to be used again: another one will do. */
export class StaleConnection extends TransientError {
  constructor(what: string) {
    super(`${what}: the connection was closed`);
  }
}

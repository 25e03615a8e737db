/**
 * A failed exchange with a KV store. Messages name the store and the path, never a value, a token or
 * what the server wrote: a server may repeat what it was sent.
 */
export abstract class VaultError extends Error {}

/** Why a request was not granted, without the store and the path, and what to do about it. */
export interface Hindrance {
  /** `there is no mount atom` */
  readonly why: string;
  readonly mend?: string | undefined;
}

/** No usable answer: network, timeout, sealed (503), overload, a redirect. Nothing can be concluded from it. */
export class VaultUnreachable extends VaultError {
  override readonly name = "VaultUnreachable";
}

/** 401 or 403: the token may not do this here. It says nothing about what is there. */
export class VaultForbidden extends VaultError {
  override readonly name = "VaultForbidden";
  readonly path: string;
  readonly hindrance: Hindrance;

  constructor(store: string, path: string, hindrance: Hindrance = { why: "permission denied" }) {
    super(`${store}: ${withMend({ ...hindrance, why: `${hindrance.why} for ${path}` })}`);
    this.path = path;
    this.hindrance = hindrance;
  }
}

/** A write whose check-and-set version was not the current one: somebody else wrote meanwhile. */
export class VaultConflict extends VaultError {
  override readonly name = "VaultConflict";
  readonly path: string;

  constructor(store: string, path: string) {
    super(`${store}: ${path} has another version than was expected`);
    this.path = path;
  }
}

/** The store understood the request and refused it (other 4xx): a limit, a missing mount, a malformed path. */
export class VaultRefused extends VaultError {
  override readonly name = "VaultRefused";
  readonly path: string;
  readonly hindrance: Hindrance;

  constructor(store: string, path: string, why: string, mend?: string) {
    super(`${store}: ${path} was refused: ${withMend({ why, mend })}`);
    this.path = path;
    this.hindrance = { why, mend };
  }
}

/** `why; mend`, or only why. */
export function withMend({ why, mend }: Hindrance): string {
  return mend === undefined ? why : `${why}; ${mend}`;
}

import { z } from "zod";
import { Problems } from "../support/problem";
import type { Secret } from "../support/secret";
import { connectionFailure } from "./connection-failure";
import type { End } from "./kv-store";
import {
  VaultConflict,
  VaultForbidden,
  VaultRefused,
  VaultUnreachable,
  withMend,
} from "./vault-error";
import type { Hindrance } from "./vault-error";

/** How to reach a Vault or OpenBao server. */
export interface VaultConnection {
  /** `https://vault.example:8200`; plain http only to this machine itself, for the token travels along. */
  readonly address: string;
  readonly token: Secret;
  /** Which end of a replication it is, for messages. @default - of none */
  readonly end?: End | undefined;
  /** A namespace of Vault Enterprise or OpenBao. @default - the root namespace */
  readonly namespace?: string | undefined;
  /** How often a request is sent at most. @default 4 */
  readonly attempts?: number | undefined;
  /** Milliseconds until one attempt is given up. @default 10000 */
  readonly timeout?: number | undefined;
  /** Waits between attempts, milliseconds; a test gives its own. @default - setTimeout */
  readonly wait?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** One request below `/v1/`. */
export interface VaultRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/v1/`, encoded, with its query. */
  readonly url: string;
  /** What the request is about, for messages. */
  readonly path: string;
  readonly body?: unknown;
  /** Whether sending it twice does no harm when the first answer was lost. */
  readonly repeatable: boolean;
}

/** What came back: 2xx or 404 and the JSON body, undefined if there is none. */
export interface VaultAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The part of `sys/health` that says why there is nothing else to be had. */
const stateSchema = z.object({ sealed: z.boolean(), initialized: z.boolean() }).partial();

const FIRST_DELAY = 200;
const LONGEST_DELAY = 30_000;
const LOOPBACK = /^(localhost|127\.[0-9.]+|\[::1\])$/;
/** What a server says of its state and not of the request: worth another attempt. */
const PASSING = [412, 429, 500, 502, 503, 504];
/** Of these, the ones after which nothing was written for certain. */
const NOT_DONE = [412, 429, 503];

/**
 * Sends requests to one server, again where that may help. It follows no redirect: the token would
 * go along. Statuses 2xx and 404 come back; everything else is thrown.
 */
export class VaultHttp {
  /** For messages: host and port, or `primary Vault https://vault.example:8200`. */
  readonly server: string;
  readonly #addressMend: string;
  readonly #base: string;
  readonly #headers: () => Record<string, string>;
  readonly #attempts: number;
  readonly #timeout: number;
  readonly #wait: (milliseconds: number) => Promise<void>;

  /** @throws UsageError if the address is none, or would send the token in the clear. */
  constructor(connection: VaultConnection) {
    const url = checkAddress(connection.address);
    const { token, end, namespace } = connection;
    const place = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
    this.server = end === undefined ? url.host : `${end} Vault ${place}`;
    this.#addressMend = addressMend(end);
    this.#base = `${place}/v1/`;
    this.#headers = () => ({
      "X-Vault-Token": token.reveal(),
      "X-Vault-Request": "true",
      ...(namespace === undefined ? {} : { "X-Vault-Namespace": namespace }),
    });
    this.#attempts = connection.attempts ?? 4;
    this.#timeout = connection.timeout ?? 10_000;
    this.#wait = connection.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  async send(request: VaultRequest): Promise<VaultAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#once(request);
      if ("answer" in outcome) return outcome.answer;
      const again = attempt < this.#attempts && (request.repeatable || outcome.notDone);
      if (!again) throw this.#unreachable(outcome.hindrance);
      await this.#wait(outcome.retryAfter ?? delayBefore(attempt));
    }
  }

  async #once(request: VaultRequest): Promise<Outcome> {
    try {
      const { method, url, body } = request;
      const response = await fetch(this.#base + url, {
        method,
        headers: this.#headers(),
        redirect: "manual",
        signal: AbortSignal.timeout(this.#timeout),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return this.#judge(request, response, await response.text());
    } catch (error) {
      const mend = this.#addressMend;
      if (error instanceof TypeError) {
        return { hindrance: connectionFailure(error, mend), notDone: false };
      }
      if (error instanceof DOMException) {
        return { hindrance: { why: "it gave no answer in time", mend }, notDone: false };
      }
      throw error;
    }
  }

  #judge({ path }: VaultRequest, { status, headers }: Response, text: string): Outcome {
    const body = parseBody(text);
    if (PASSING.includes(status)) {
      return {
        hindrance: serverState(status, body),
        notDone: NOT_DONE.includes(status),
        retryAfter: retryAfter(headers.get("retry-after")),
      };
    }
    if (status >= 300 && status < 400) {
      throw this.#unreachable({
        why: `it answered with a redirect (${status}), which is not followed`,
        mend: "give the active node's address",
      });
    }
    if (status === 401 || status === 403) throw new VaultForbidden(this.server, path);
    if (status >= 500) throw this.#unreachable(serverState(status, body));
    if (body === NOT_JSON) throw this.noVault(`status ${status} without JSON`, text);
    if (status === 404 || (status >= 200 && status < 300)) return { answer: { status, body } };
    if (errorsOf(body).some((error) => error.includes("did not match the current version"))) {
      throw new VaultConflict(this.server, path);
    }
    throw new VaultRefused(this.server, path, `status ${status}`);
  }

  /**
   * What to throw for an answer that no Vault gives.
   *
   * @param text what a Go server says of plain HTTP where it expects TLS is told apart.
   */
  noVault(what: string, text = ""): VaultUnreachable {
    return this.#unreachable(
      text.startsWith("Client sent an HTTP request to an HTTPS server")
        ? { why: "it speaks TLS, and was called without", mend: "write https:// in its address" }
        : { why: `what answers there is no Vault (${what})`, mend: this.#addressMend },
    );
  }

  #unreachable(hindrance: Hindrance): VaultUnreachable {
    return new VaultUnreachable(`${this.server}: ${withMend(hindrance)}`);
  }
}

type Outcome =
  | { readonly answer: VaultAnswer }
  | {
      readonly hindrance: Hindrance;
      readonly notDone: boolean;
      readonly retryAfter?: number | undefined;
    };

/** The list `errors` of a failed answer's body. */
export function errorsOf(body: unknown): readonly string[] {
  if (typeof body !== "object" || body === null || !("errors" in body)) return [];
  return Array.isArray(body.errors) ? body.errors.filter((error) => typeof error === "string") : [];
}

const NOT_JSON = Symbol("not JSON");

function parseBody(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

/** What a server says of itself: Vault's statuses are those of `sys/health`, whatever is asked. */
function serverState(status: number, body: unknown): Hindrance {
  const { sealed, initialized } = stateSchema.safeParse(body).data ?? {};
  if (initialized === false) {
    return { why: `it is not initialized (${status})`, mend: "see: vault operator init" };
  }
  if (sealed === true || errorsOf(body).some((error) => error.includes("Vault is sealed"))) {
    return { why: `it is sealed (${status})`, mend: "unseal it with: vault operator unseal" };
  }
  return { why: status === 503 ? "it is not ready (503)" : `it answers with status ${status}` };
}

function addressMend(end: End | undefined): string {
  return end === undefined
    ? "correct its address"
    : `correct vault.${end} of the fleet file or VAULT_${end.toUpperCase()}_ADDR`;
}

/** Doubles with each attempt; the second half is random, so that clients do not come back together. */
function delayBefore(attempt: number): number {
  const most = Math.min(FIRST_DELAY * 2 ** (attempt - 1), LONGEST_DELAY);
  return most / 2 + (Math.random() * most) / 2;
}

/** Seconds or an HTTP date (RFC 9110 section 10.2.3), in milliseconds from now. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const milliseconds = /^[0-9]+$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds)
    ? undefined
    : Math.min(Math.max(milliseconds, 0), LONGEST_DELAY);
}

function checkAddress(address: string): URL {
  const problems = new Problems();
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    problems.add("address", "is no URL; write one such as https://vault.example:8200");
  } else if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    problems.add("address", "holds more than scheme, host, port and path");
  } else if (url.protocol === "http:" && !LOOPBACK.test(url.hostname)) {
    problems.add("address", `${url.host} over http would send the token in the clear; use https`);
  }
  problems.throwIfAny("Vault address");
  return url!;
}

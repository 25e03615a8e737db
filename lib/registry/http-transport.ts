import type { Clock } from "../support/clock";
import { Secret } from "../support/secret";
import { basicAuthorization, parseChallenge, readToken, tokenUrl } from "./http-auth";
import type { BearerChallenge, Credentials } from "./http-auth";
import { exchangeOnce } from "./http-exchange";
import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { RegistryError, TransientError } from "./registry-error";
import { parseRetryAfter } from "./retry";
import { collect } from "./verified-stream";

export interface TransportOptions {
  /** Where the registry's API is: `https://registry.example:5000`. Asked once, before the first request. */
  readonly origin: () => string | Promise<string>;
  readonly credentials?: Credentials;
  /** Longest stall of a connection, in milliseconds. */
  readonly patience: number;
  readonly clock: Clock;
}

const MOST_REDIRECTS = 5;
const LARGEST_TOKEN_ANSWER = 64 * 1024;
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * One exchange with a registry: signing in and following redirects. It does not retry; what may be
 * tried again is thrown as a {@link TransientError}.
 */
export class HttpTransport {
  readonly #options: TransportOptions;
  #origin = "";
  readonly #authorizations = new Map<string, Secret>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /**
   * @throws TransientError for 408, 429 and 5xx; RegistryError `denied` for 401 and 403, `refused`
   * for a redirect that is not followed. Any other status is the caller's to judge.
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    if (this.#origin === "") this.#origin = new URL(await this.#options.origin()).origin;
    const known = this.#authorizations.get(request.scope);
    const { answer, own } = await this.#follow(request, known);
    // Only the registry itself may ask for credentials, not a place it redirected to.
    if (answer.status !== 401 || !own) return this.#settle(answer, request);
    answer.discard();
    const authorization = await this.#authorize(answer.header("www-authenticate"), request);
    this.#authorizations.set(request.scope, authorization);
    return this.#settle((await this.#follow(request, authorization)).answer, request);
  }

  async #authorize(header: string | undefined, request: HttpRequest): Promise<Secret> {
    const challenge = parseChallenge(header);
    if (challenge === undefined) throw denied(request, "asks for no known way to sign in");
    if (challenge.scheme === "bearer") return this.#fetchToken(challenge, request);
    const { credentials } = this.#options;
    if (credentials === undefined) throw denied(request, "asks for a user and password");
    return basicAuthorization(credentials);
  }

  async #fetchToken(challenge: BearerChallenge, { scope }: HttpRequest): Promise<Secret> {
    const what = `token for ${scope}`;
    const url = tokenUrl(challenge, scope, this.#origin.startsWith("http:"));
    const request: HttpRequest = { method: "GET", url: url?.href ?? "", what, scope };
    if (url === undefined) throw denied(request, "names a token server without encryption");
    const { credentials, patience } = this.#options;
    const user = credentials && basicAuthorization(credentials);
    const answer = this.#settle(await exchangeOnce(url, request, user, patience), request);
    if (answer.status !== 200) {
      answer.discard();
      throw denied(request, `answered ${answer.status}`);
    }
    const bytes = await collect(answer.body(), LARGEST_TOKEN_ANSWER, what);
    const token = readToken(bytes);
    if (token === undefined) throw denied(request, "gave no token");
    return Secret.of(`Bearer ${token.reveal()}`);
  }

  /** Follows redirects by hand: credentials stay with the registry, encryption is not given up. */
  async #follow(
    request: HttpRequest,
    authorization: Secret | undefined,
  ): Promise<{ answer: HttpAnswer; own: boolean }> {
    let url = this.#resolve(request.url, this.#origin, request);
    for (let hops = 0; ; hops += 1) {
      const own = url.origin === this.#origin;
      const sent = own ? authorization : undefined;
      const answer = await exchangeOnce(url, request, sent, this.#options.patience);
      const location = answer.header("location");
      if (!REDIRECTS.has(answer.status) || location === undefined) return { answer, own };
      answer.discard();
      if (hops >= MOST_REDIRECTS) throw refused(request, "redirects in a circle");
      // A redirected write would have to be sent again, to a place that was not asked for.
      if (request.body !== undefined) throw refused(request, "redirects a write");
      url = this.#resolve(location, url.href, request);
    }
  }

  #resolve(address: string, base: string, request: HttpRequest): URL {
    if (!URL.canParse(address, base)) throw refused(request, "gives an address that is none");
    const url = new URL(address, base);
    // Node would send a user that stands in an address as credentials.
    if (url.username !== "" || url.password !== "") throw refused(request, "gives away a user");
    const plain = url.protocol === "http:" && this.#origin.startsWith("http:");
    if (url.protocol !== "https:" && !plain) throw refused(request, "leads away from encryption");
    return url;
  }

  /** Sorts out the statuses that mean the same for every request. */
  #settle(answer: HttpAnswer, request: HttpRequest): HttpAnswer {
    const { status } = answer;
    if (TRANSIENT.has(status)) {
      answer.discard();
      const wait = parseRetryAfter(answer.header("retry-after"), this.#options.clock.now());
      throw new TransientError(`${request.what}: the registry answered ${status}`, wait);
    }
    if (status === 401 || status === 403) {
      answer.discard();
      throw denied(request, `answered ${status}`);
    }
    return answer;
  }
}

function denied({ what }: HttpRequest, message: string): RegistryError {
  return new RegistryError("denied", `${what}: the registry ${message}`);
}

function refused({ what }: HttpRequest, message: string): RegistryError {
  return new RegistryError("refused", `${what}: the registry ${message}`);
}

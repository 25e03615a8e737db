import type { Clock } from "../../support/clock";
import type { Secret } from "../../support/secret";
import type { CredentialsOf } from "./http-auth";
import { HttpConnections } from "./http-connections";
import type { ConnectionOptions, Pool } from "./http-connections";
import { exchangeOnce } from "./http-exchange";
import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { HttpSignIn } from "./http-sign-in";
import { RegistryError, StaleConnection, TransientError } from "../registry-error";
import { parseRetryAfter } from "./retry";
import { DEFAULT_SILENCE, Silence } from "./silence";
import type { SilenceLimits, SilentHost } from "./silence";

export interface TransportOptions extends ConnectionOptions {
  /** Where the registry's API is: `https://registry.example:5000`. Asked once, before the first request. */
  readonly origin: () => string | Promise<string>;
  /** @default - anonymous */
  readonly credentialsOf?: CredentialsOf;
  readonly clock: Clock;
  /** @default - {@link DEFAULT_SILENCE} for what is left out */
  readonly silence?: Partial<SilenceLimits>;
  /** Is told of a host that has answered nothing for a while. @default - nobody is told */
  readonly onSilence?: (host: SilentHost) => void;
}

const MOST_REDIRECTS = 5;
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * One exchange with a registry: signing in and following redirects. It does not retry; what may be
 * tried again is thrown as a {@link TransientError}.
 */
export class HttpTransport {
  readonly #options: TransportOptions;
  readonly #connections: HttpConnections;
  readonly #signIn: HttpSignIn;
  /** By host: a token server and a store of blobs are asked beside the registry itself. */
  readonly #silences = new Map<string, Silence>();
  #origin: Promise<string> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#connections = new HttpConnections(options);
    this.#signIn = new HttpSignIn({
      credentialsOf: options.credentialsOf ?? (() => Promise.resolve(undefined)),
      exchange: async (url, request, user) =>
        this.#settle(await this.#exchange(url, request, user, "token"), request),
      clock: options.clock,
    });
  }

  /**
   * @throws TransientError for 408, 429 and 5xx; RegistryError `denied` for 401 and 403, `refused`
   * for a redirect that is not followed, `unreachable` for a host that has answered nothing for long.
   * Any other status is the caller's to judge.
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    this.#origin ??= Promise.resolve(this.#options.origin()).then((url) => new URL(url).origin);
    const origin = await this.#origin;
    const plain = origin.startsWith("http:");
    const sent = await this.#signIn.authorization(request, plain);
    const { answer, own } = await this.#follow(request, sent, origin);
    // Only the registry itself may ask for credentials, not a place it redirected to.
    if (answer.status !== 401 || !own) return this.#settle(answer, request);
    answer.discard();
    const header = answer.header("www-authenticate");
    const renewed = await this.#signIn.renewed(request, sent, header, plain);
    return this.#settle((await this.#follow(request, renewed, origin)).answer, request);
  }

  /** Follows redirects by hand: credentials stay with the registry, encryption is not given up. */
  async #follow(
    request: HttpRequest,
    authorization: Secret | undefined,
    origin: string,
  ): Promise<{ answer: HttpAnswer; own: boolean }> {
    const pool = request.streams === true ? "stream" : "exchange";
    let url = resolve(request.url, origin, origin, request);
    for (let hops = 0; ; hops += 1) {
      const own = url.origin === origin;
      const answer = await this.#exchange(url, request, own ? authorization : undefined, pool);
      const location = answer.header("location");
      if (!REDIRECTS.has(answer.status) || location === undefined) return { answer, own };
      answer.discard();
      if (hops >= MOST_REDIRECTS) throw refused(request, "redirects in a circle");
      // A redirected write would have to be sent again, to a place that was not asked for.
      if (request.body !== undefined) throw refused(request, "redirects a write");
      url = resolve(location, url.href, origin, request);
    }
  }

  async #exchange(
    url: URL,
    request: HttpRequest,
    authorization: Secret | undefined,
    pool: Pool,
  ): Promise<HttpAnswer> {
    const { patience } = this.#options;
    const silence = this.#silenceOf(url);
    silence.check(request.what);
    const agent = this.#connections.agentFor(url, pool);
    const exchange = () => exchangeOnce(url, request, { authorization, agent, patience, silence });
    try {
      return await exchange();
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return await exchange();
    }
  }

  #silenceOf({ host }: URL): Silence {
    const known = this.#silences.get(host);
    if (known !== undefined) return known;
    const limits = { ...DEFAULT_SILENCE, ...this.#options.silence };
    const silence = new Silence({ host, ...limits }, this.#options.onSilence ?? (() => undefined));
    this.#silences.set(host, silence);
    return silence;
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
      throw new RegistryError("denied", `${request.what}: the registry answered ${status}`);
    }
    return answer;
  }
}

function resolve(address: string, base: string, origin: string, request: HttpRequest): URL {
  if (!URL.canParse(address, base)) throw refused(request, "gives an address that is none");
  const url = new URL(address, base);
  // Node would send a user that stands in an address as credentials.
  if (url.username !== "" || url.password !== "") throw refused(request, "gives away a user");
  const plain = url.protocol === "http:" && origin.startsWith("http:");
  if (url.protocol !== "https:" && !plain) throw refused(request, "leads away from encryption");
  return url;
}

function refused({ what }: HttpRequest, message: string): RegistryError {
  return new RegistryError("refused", `${what}: the registry ${message}`);
}

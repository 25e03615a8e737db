import type { Clock } from "../../support/clock";
import { Secret } from "../../support/secret";
import {
  basicAuthorization,
  parseChallenge,
  readToken,
  tokenForm,
  tokenServer,
  tokenUrl,
} from "./http-auth";
import type { BearerChallenge, Challenge, Credentials, CredentialsOf } from "./http-auth";
import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { RegistryError } from "../registry-error";
import { bytesSource, collect } from "../verified-stream";

export interface SignInOptions {
  readonly credentialsOf: CredentialsOf;
  /** One exchange with a token server; its answer is no 401, 403 or 5xx. */
  readonly exchange: (url: URL, request: HttpRequest, user?: Secret) => Promise<HttpAnswer>;
  readonly clock: Clock;
}

interface Authorization {
  readonly value: Secret;
  /** In milliseconds since 1970. */
  readonly until: number;
}

const LARGEST_TOKEN_ANSWER = 64 * 1024;
/** The part of a token's life in which it is used: the clocks differ, and the way takes time. */
const USED_LIFETIME = 0.8;

/**
 * How a client signs in at one registry. What the registry asked for once is sent along from then on,
 * and a token is asked for once for each scope and lifetime, however many requests wait for it.
 */
export class HttpSignIn {
  readonly #options: SignInOptions;
  #challenge: Challenge | undefined;
  readonly #authorizations = new Map<string, Authorization>();
  readonly #underWay = new Map<string, Promise<Authorization>>();

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** What to send along with a request before it was refused; undefined if nothing is known to be wanted. */
  async authorization(request: HttpRequest, plainHttp: boolean): Promise<Secret | undefined> {
    if (this.#challenge === undefined) return undefined;
    const known = this.#authorizations.get(request.scope);
    const now = this.#options.clock.now().getTime();
    if (known !== undefined && known.until > now) return known.value;
    return (await this.#obtain(this.#challenge, request, plainHttp)).value;
  }

  /**
   * What to send instead of what was refused with 401.
   *
   * @param sent what was sent along with the request.
   * @param header the answer's WWW-Authenticate.
   * @throws RegistryError `denied` if there is nothing to send, or the token server gives no token.
   */
  async renewed(
    request: HttpRequest,
    sent: Secret | undefined,
    header: string | undefined,
    plainHttp: boolean,
  ): Promise<Secret> {
    const known = this.#authorizations.get(request.scope);
    // Another request has signed in anew while this one was under way.
    if (known !== undefined && known.value !== sent) return known.value;
    this.#authorizations.delete(request.scope);
    const challenge = parseChallenge(header);
    if (challenge === undefined) throw denied(request, "asks for no known way to sign in");
    this.#challenge = challenge;
    return (await this.#obtain(challenge, request, plainHttp)).value;
  }

  #obtain(challenge: Challenge, request: HttpRequest, plainHttp: boolean): Promise<Authorization> {
    const { scope } = request;
    const underWay = this.#underWay.get(scope);
    if (underWay !== undefined) return underWay;
    const obtained = this.#ask(challenge, request, plainHttp)
      .then((authorization) => {
        this.#authorizations.set(scope, authorization);
        return authorization;
      })
      .finally(() => this.#underWay.delete(scope));
    this.#underWay.set(scope, obtained);
    return obtained;
  }

  async #ask(
    challenge: Challenge,
    request: HttpRequest,
    plainHttp: boolean,
  ): Promise<Authorization> {
    const credentials = await this.#options.credentialsOf(repositoryOf(request.scope));
    if (challenge.scheme === "bearer") {
      return this.#fetchToken(challenge, credentials, request, plainHttp);
    }
    if (credentials === undefined) throw denied(request, "asks for a user and password");
    if ("identityToken" in credentials) {
      throw denied(request, "asks for a user and password, and there is only an identity token");
    }
    return { value: basicAuthorization(credentials), until: Infinity };
  }

  async #fetchToken(
    challenge: BearerChallenge,
    credentials: Credentials | undefined,
    { scope }: HttpRequest,
    plainHttp: boolean,
  ): Promise<Authorization> {
    const what = `token for ${scope}`;
    const asked = this.#options.clock.now().getTime();
    const server = tokenServer(challenge, plainHttp);
    if (server === undefined) {
      throw denied({ what }, "names a token server without encryption, or none");
    }
    const answer = await this.#askServer(server, challenge, credentials, { what, scope });
    if (answer.status !== 200) {
      answer.discard();
      throw denied({ what }, `answered ${answer.status}`);
    }
    const token = readToken(await collect(answer.body(), LARGEST_TOKEN_ANSWER, what));
    if (token === undefined) throw denied({ what }, "gave no token");
    return {
      value: Secret.of(`Bearer ${token.value.reveal()}`),
      until: asked + token.lifetime * 1_000 * USED_LIFETIME,
    };
  }

  #askServer(
    server: URL,
    challenge: BearerChallenge,
    credentials: Credentials | undefined,
    about: { readonly what: string; readonly scope: string },
  ): Promise<HttpAnswer> {
    if (credentials !== undefined && "identityToken" in credentials) {
      const form = Buffer.from(tokenForm(challenge, about.scope, credentials).reveal());
      const request: HttpRequest = {
        ...about,
        method: "POST",
        url: server.href,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: { open: bytesSource(form), size: form.length },
      };
      return this.#options.exchange(server, request);
    }
    const url = tokenUrl(server, challenge, about.scope);
    const user = credentials && basicAuthorization(credentials);
    return this.#options.exchange(url, { ...about, method: "GET", url: url.href }, user);
  }
}

/** The repository that a scope begins with: `atom/api` of `repository:atom/api:pull`. */
function repositoryOf(scope: string): string {
  return /^repository:([^ ]+):[a-z,]+(?: |$)/.exec(scope)?.[1] ?? "";
}

function denied({ what }: Pick<HttpRequest, "what">, message: string): RegistryError {
  return new RegistryError("denied", `${what}: the registry ${message}`);
}

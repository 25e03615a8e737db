import { Agent as HttpAgent, createServer, request as requestHttp } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  Agent as HttpsAgent,
  createServer as createTlsServer,
  request as requestHttps,
} from "node:https";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { end } from "../../doubles/registry-double";
import { CertificateAuthority } from "../bed/certificates";

/** Answers in the registry's place, or calls `forward` to let it answer. */
export type Fault = (exchange: ProxiedExchange) => void | Promise<void>;

export interface ProxiedExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Which of the matching requests this is, from 1. */
  readonly number: number;
  /** Lets the registry answer, or answers with what `changed` makes of its answer. */
  readonly forward: (
    changed?: (answer: RegistryAnswer) => RegistryAnswer | undefined,
  ) => Promise<void>;
}

/** What the registry says; only for answers that fit into memory. */
export interface RegistryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What happens to which requests. */
export interface FaultRule {
  /** One method, or those that match. */
  readonly method: string | RegExp;
  readonly path: RegExp;
  readonly fault: Fault;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** A registry behind the proxy. */
export interface Upstream {
  /** `https://127.0.0.1:5000` */
  readonly origin: string;
  /** Of the authority that certified it, in PEM. */
  readonly ca?: string;
  /** What the token server wants, and what is sent in place of the token that it gave. */
  readonly authorization?: string;
}

const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding"]);
let started = 0;
const TOKEN = "token-of-the-fault-proxy";

/**
 * Stands between a client and a real registry, over TLS, and does on demand what real networks do. With an
 * upstream's `authorization` it also plays the token server in front of it: a double of that part, as the
 * registries of a bed have none.
 */
export class FaultProxy {
  readonly seen: SeenRequest[] = [];
  readonly #upstream: Upstream;
  readonly #agent: HttpAgent;
  readonly #server: Server;
  #rule: (FaultRule & { count: number }) | undefined;

  private constructor(
    upstream: Upstream,
    pair: { cert: string; key: string },
    /** Whom a client has to trust, in PEM. */
    readonly authority: string,
    private readonly plain: boolean,
  ) {
    this.#upstream = upstream;
    const { origin, ca } = upstream;
    this.#agent = origin.startsWith("https:")
      ? new HttpsAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) })
      : new HttpAgent({ keepAlive: true });
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response).catch(() => response.destroy());
    };
    this.#server = plain ? createServer(listener) : createTlsServer(pair, listener);
  }

  /** @param plain speaks HTTP without TLS. @default false */
  static async start(upstream: Upstream, plain = false): Promise<FaultProxy> {
    // Two authorities of one name are taken for each other.
    const authority = await CertificateAuthority.create(`fault proxy ${(started += 1)}`);
    const pair = await authority.issue({ commonName: "proxy", hosts: ["127.0.0.1"] });
    const proxy = new FaultProxy(
      upstream,
      { cert: pair.certificate, key: pair.privateKey },
      authority.pair.certificate,
      plain,
    );
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What happens to the requests of a rule from now on; undefined for nothing. */
  set(rule?: FaultRule): void {
    this.#rule = rule && { ...rule, count: 0 };
    this.seen.length = 0;
  }

  count(method: string, path: RegExp): number {
    return this.seen.filter((r) => r.method === method && path.test(r.path)).length;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = request;
    this.seen.push({ method, path, authorization: headers.authorization });
    if (!this.#isLetIn(request)) {
      const challenge = `Bearer realm="https://${this.host}/token",service="fault-proxy"`;
      return end(response, 401, { "www-authenticate": challenge });
    }
    const rule = this.#rule;
    const forward: ProxiedExchange["forward"] = (changed) =>
      this.#answer(request, response, changed);
    if (rule === undefined || !matches(rule.method, method) || !rule.path.test(path)) {
      return forward();
    }
    rule.count += 1;
    await rule.fault({ request, response, number: rule.count, forward });
  }

  #isLetIn(request: IncomingMessage): boolean {
    if (this.#upstream.authorization === undefined || isToken(request)) return true;
    return request.headers.authorization === `Bearer ${TOKEN}`;
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    changed?: (answer: RegistryAnswer) => RegistryAnswer | undefined,
  ): Promise<void> {
    if (isToken(request)) {
      const known = request.headers.authorization === this.#upstream.authorization;
      if (!known) return end(response, 401);
      return end(response, 200, {}, JSON.stringify({ token: TOKEN, expires_in: 300 }));
    }
    const answer = await this.#ask(request);
    if (changed === undefined) {
      response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
      return pipeline(answer, response);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const whole = {
      status: answer.statusCode ?? 502,
      headers: passedOn(answer.headers),
      body: Buffer.concat(chunks),
    };
    const given = changed(whole);
    if (given === undefined) return;
    response.writeHead(given.status, given.headers);
    response.end(given.body);
  }

  async #ask(request: IncomingMessage): Promise<IncomingMessage> {
    const { origin, authorization } = this.#upstream;
    const url = new URL(request.url ?? "/", origin);
    const open = url.protocol === "https:" ? requestHttps : requestHttp;
    const outgoing = open(url, {
      method: request.method,
      agent: this.#agent,
      headers: {
        ...passedOn(request.headers),
        ...(authorization === undefined ? {} : { authorization }),
        // The registry names its uploads by the address that the client knows.
        "x-forwarded-proto": this.plain ? "http" : "https",
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve).once("error", reject);
    });
    await Promise.race([pipeline(request, outgoing), answered]);
    return answered;
  }
}

function matches(expected: string | RegExp, method: string): boolean {
  return typeof expected === "string" ? expected === method : expected.test(method);
}

function isToken({ url = "" }: IncomingMessage): boolean {
  return url.startsWith("/token?");
}

function passedOn(headers: IncomingMessage["headers"]): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !HOP_BY_HOP.has(entry[0]),
    ),
  );
}

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createSecureContext, rootCertificates } from "node:tls";
import { HttpProxyAgent, HttpsProxyAgent } from "hpagent";
import { withLargeReads } from "./large-reads";

export interface ConnectionOptions {
  /**
   * The proxy for an address, with a user and a password where it wants them; undefined for none.
   *
   * @default - no proxy
   */
  readonly proxyOf?: (url: URL) => URL | undefined;
  /**
   * Certificates of authorities in PEM that are trusted beside Node's own.
   *
   * @default - Node's own, and those of NODE_EXTRA_CA_CERTS
   */
  readonly authorities?: readonly string[];
  /**
   * Connections to one host at once: as many for what is read as a stream, and as many for all else.
   *
   * @default 8
   */
  readonly connectionsPerHost?: number;
  /** After how long without a word a connection is closed, in milliseconds. */
  readonly patience: number;
}

/**
 * What a request's connection is taken from. An upload holds its connection while it reads what it sends
 * as a `stream`, and such a stream may have to wait for a `token`: if the three shared one limit, each could
 * wait for the other.
 */
export type Pool = "exchange" | "stream" | "token";

/** Connections that are kept and used again, a limited number of them for each host. */
export class HttpConnections {
  readonly #options: ConnectionOptions;
  readonly #agents = new Map<string, HttpAgent>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The agent for a request to this address. */
  agentFor(url: URL, pool: Pool): HttpAgent {
    const proxy = this.#options.proxyOf?.(url);
    const key = `${pool} ${url.protocol} ${proxy?.href ?? ""}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const agent = this.#agent(url, pool, proxy);
    // A proxy's agent makes its connections in a way of its own.
    if (pool === "stream" && proxy === undefined) withLargeReads(agent);
    this.#agents.set(key, agent);
    return agent;
  }

  #agent({ protocol }: URL, pool: Pool, proxy: URL | undefined): HttpAgent {
    const { connectionsPerHost = 8, patience } = this.#options;
    const kept = {
      keepAlive: true,
      timeout: patience,
      maxSockets: pool === "token" ? Infinity : connectionsPerHost,
    };
    if (protocol === "http:") {
      return proxy === undefined ? new HttpAgent(kept) : new HttpProxyAgent({ ...kept, proxy });
    }
    const trust = { ...kept, ...this.#trust() };
    return proxy === undefined ? new HttpsAgent(trust) : new HttpsProxyAgent({ ...trust, proxy });
  }

  #trust() {
    const { authorities } = this.#options;
    if (authorities === undefined) return {};
    return { secureContext: createSecureContext({ ca: [...rootCertificates, ...authorities] }) };
  }
}

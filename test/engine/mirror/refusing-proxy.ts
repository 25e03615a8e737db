import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { LOOPBACK } from "../bed/free-ports";

/**
 * Stands before a genuine registry and refuses what is pushed to some repositories, as a registry
 * with quotas or rules of its own does. Everything else passes as it is.
 */
export class RefusingProxy {
  readonly #server: Server;
  /** Repositories to which nothing may be pushed. */
  readonly refused = new Set<string>();

  private constructor(private readonly upstream: { readonly host: string; readonly ca: Buffer }) {
    this.#server = createServer((incoming, outgoing) => this.#handle(incoming, outgoing));
  }

  /** @param caFile certificate of the authority that the registry is certified by. */
  static async start(host: string, caFile: string): Promise<RefusingProxy> {
    const proxy = new RefusingProxy({ host, ca: readFileSync(caFile) });
    proxy.#server.listen(0, LOOPBACK);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get host(): string {
    return `${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = "GET", url: path = "/", headers } = incoming;
    const reads = method === "GET" || method === "HEAD";
    if (!reads && [...this.refused].some((repository) => path.startsWith(`/v2/${repository}/`))) {
      incoming.resume();
      outgoing.writeHead(403, { "content-type": "application/json" });
      outgoing.end('{"errors":[{"code":"DENIED","message":"quota exceeded"}]}');
      return;
    }
    const { host, ca } = this.upstream;
    // The client's Host stays, so that the registry's answers name this proxy.
    const forwarded = request(`https://${host}${path}`, { method, headers, ca }, (answer) => {
      const { location, ...rest } = answer.headers;
      const own = location?.replace(/^https:/, "http:");
      outgoing.writeHead(
        answer.statusCode ?? 502,
        own === undefined ? rest : { ...rest, location: own },
      );
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  }
}

import { createServer } from "node:http";
import type { Server } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/**
 * A test double, not a proxy: it lets connections through by CONNECT, all to one port of this machine
 * whatever host they name, and remembers what it was asked.
 */
export class ConnectProxy {
  /** The `host:port` of each CONNECT. */
  readonly asked: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** What it answers instead of letting a connection through. */
  status = 200;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param port where all connections lead. */
  constructor(port: number) {
    this.#server = createServer().on("connect", ({ url = "", headers }, client: Socket) => {
      this.asked.push(url);
      this.authorizations.push(headers["proxy-authorization"]);
      this.#keep(client);
      if (this.status !== 200) return void client.end(`HTTP/1.1 ${this.status} No\r\n\r\n`);
      const server = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        server.pipe(client).pipe(server);
      });
      this.#keep(server);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }
}

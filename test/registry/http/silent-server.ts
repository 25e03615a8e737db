import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** A DOUBLE of a host that takes connections and never says a word. */
export class SilentServer {
  /** The connections that it took. */
  readonly sockets: Socket[] = [];
  readonly #server: Server = createServer((socket) => {
    this.sockets.push(socket.on("error", () => undefined));
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From the next connection on, it answers each with these bytes. */
  answer(text: string): void {
    this.#server.on("connection", (socket: Socket) => socket.end(text));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

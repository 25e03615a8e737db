import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { LOOPBACK } from "../bed/free-ports";

/** The line between a site and a registry: it carries bytes as they are, until it is cut. */
export class Line {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string) {
    const [address = "", port = ""] = host.split(":");
    this.#server = createServer((near) => {
      const far = connect(Number(port), address);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
  }

  /** @param host of the registry: `127.0.0.1:5000`. */
  static async to(host: string): Promise<Line> {
    const line = new Line(host);
    line.#server.listen(0, LOOPBACK);
    await once(line.#server, "listening");
    return line;
  }

  /** What the registry is called at this end. */
  get host(): string {
    return `${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`;
  }

  async cut(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

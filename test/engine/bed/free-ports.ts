import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";

export const LOOPBACK = "127.0.0.1";

/** Given away, and perhaps not listened on yet. */
const given = new Set<number>();

/**
 * Ports on the loopback interface that nobody listens on, and that nobody else in this process was
 * given. Another process may still take one first.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const server = await listen();
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    if (given.has(port)) continue;
    given.add(port);
    ports.push(port);
  }
  // Held until now, so that none of them is found twice.
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  return ports;
}

function listen() {
  return new Promise<Server>((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, LOOPBACK, () => resolve(server));
  });
}

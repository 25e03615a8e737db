import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

export const LOOPBACK = "127.0.0.1";

/** Ports on the loopback interface that nobody listens on, all different. Somebody may still take one first. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  return ports;
}

function listen() {
  return new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, LOOPBACK, () => resolve(server));
  });
}

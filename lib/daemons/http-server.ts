import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import type { FastifyInstance } from "fastify";
import type { DaemonHost } from "./daemon-host";

export interface ServerOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** Port to listen on; if it is taken, any free one is used instead, unless `exact`. @default 8600 */
  readonly port?: number;
  /** Fail if the port is taken. @default false */
  readonly exact?: boolean;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Whether another port than the one asked for had to be used. */
  readonly moved: boolean;
  close(): Promise<void>;
}

/** Serves `/health` (200 if every daemon is healthy, else 503) and `/metrics` (Prometheus text). */
export async function serveDaemons(
  host: DaemonHost,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const address = options.host ?? "127.0.0.1";
  const wanted = options.port ?? 8600;
  const server = createServer(host);
  try {
    await server.listen({ host: address, port: wanted });
  } catch (error) {
    if (options.exact === true || (error as NodeJS.ErrnoException).code !== "EADDRINUSE")
      throw error;
    await server.listen({ host: address, port: 0 });
  }
  const { port } = server.server.address() as AddressInfo;
  return {
    host: address,
    port,
    moved: wanted !== 0 && port !== wanted,
    close: () => server.close(),
  };
}

function createServer(host: DaemonHost): FastifyInstance {
  // The numbers bound what a slow or hostile client can hold open.
  const server = Fastify({
    bodyLimit: 16 * 1024,
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    forceCloseConnections: true,
  });
  server.get("/health", (_request, reply) => {
    const { healthy, statuses } = host;
    return reply
      .code(healthy ? 200 : 503)
      .send({ status: healthy ? "ok" : "degraded", daemons: statuses });
  });
  server.get("/metrics", async (_request, reply) => {
    const { registry } = host.metrics;
    return reply.type(registry.contentType).send(await registry.metrics());
  });
  return server;
}

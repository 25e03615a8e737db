import type { Daemon, DaemonStatus } from "../daemons/daemon";
import { DaemonHost } from "../daemons/daemon-host";
import { serveDaemons } from "../daemons/http-server";
import type { StepContext, StepReport } from "./step";

/** What `/health` and `/metrics` answered. */
export interface HealthReport {
  readonly status: number;
  readonly daemons: readonly DaemonStatus[];
  /** Names of the metrics served. */
  readonly metrics: readonly string[];
}

/** Starts the daemons, asks them over HTTP how they are, and stops them. */
export async function checkHealth(
  daemons: readonly Daemon[],
  options: { readonly port: number },
  { log, progress }: StepContext,
): Promise<StepReport<HealthReport>> {
  const host = new DaemonHost(daemons, log);
  const server = await serveDaemons(host, { port: options.port });
  try {
    const moved = server.moved ? `port ${options.port} is taken, ` : "";
    progress(`${moved}listening on http://${server.host}:${server.port}`);
    await host.passAll();
    const base = `http://${server.host}:${server.port}`;
    const health = await fetch(`${base}/health`);
    const body = (await health.json()) as { daemons: DaemonStatus[] };
    const metrics = metricNames(await (await fetch(`${base}/metrics`)).text());
    const unhealthy = body.daemons.filter(({ status }) => status !== "healthy");
    return {
      result: { status: health.status, daemons: body.daemons, metrics },
      outcome: health.ok ? "ok" : "failed",
      summary: health.ok
        ? `${body.daemons.length} daemons healthy (${moved}port ${server.port})`
        : unhealthy.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
    };
  } finally {
    await server.close();
    host.stop();
  }
}

function metricNames(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!).sort();
}

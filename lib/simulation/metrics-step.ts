import type { Daemon } from "../daemons/daemon";
import { DaemonHost } from "../daemons/daemon-host";
import { serveDaemons } from "../daemons/http-server";
import { scrape } from "../daemons/scrape";
import type { Fleet } from "../fleet/schema";
import type { MetricsNode } from "../policy/graph/graph";
import type { StepContext } from "./step";

/**
 * Serves the daemons after one pass and asks them for their metrics over HTTP. One process stands
 * here for the daemons of every cluster: each has the same answer.
 */
export async function scrapeDaemons(
  daemons: readonly Daemon[],
  { clusters }: Fleet,
  { log }: Pick<StepContext, "log">,
): Promise<MetricsNode[]> {
  const host = new DaemonHost(daemons, log);
  const server = await serveDaemons(host, { port: 0 });
  try {
    await host.passAll();
    const url = `http://${server.host}:${server.port}/metrics`;
    const [first, ...others] = clusters;
    const answer = await scrape(url, "daemons", { cluster: first!.name });
    return [answer, ...others.map(({ name: cluster }) => ({ ...answer, scope: { cluster } }))];
  } finally {
    await server.close();
    host.stop();
  }
}

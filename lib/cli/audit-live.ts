import { readFleet } from "../fleet/read-fleet";
import type { Fleet } from "../fleet/schema";
import { liveGraph } from "../monitor/live-graph";
import type { LiveFacts } from "../monitor/live-graph";
import { LIVE_RULES } from "../monitor/live-rules";
import { scanCluster } from "../monitor/scan-cluster";
import { scanTargets } from "../monitor/scan-target";
import type { ScanTarget } from "../monitor/scan-target";
import { scanVault } from "../monitor/scan-vault";
import { writeAudit } from "../monitor/write-audit";
import { evaluate } from "../policy/evaluation/evaluate";
import { policyMatrix } from "../policy/matrix";
import { count } from "../report/markdown";
import { systemClock } from "../support/clock";
import { KubeApi } from "../topology/kube-api";
import { endedBySignals } from "./audit-interruptible";
import { printAudit } from "./audit-print";
import type { AuditOptions } from "./audit-verb";
import type { CommandContext } from "./command-context";
import type { Terminal } from "./terminal";
import { vaultToken } from "./vault-token";

/** What `atom audit --live` takes beside the form of its report. */
export interface LiveAuditOptions {
  readonly live?: true;
  /** @default the fleet's cluster that names the context, else "default" */
  readonly cluster?: string;
  readonly context?: string;
  /** Address of a Vault. */
  readonly vault?: string;
  /** Folder to write the audit and the compliance page below. */
  readonly reports?: string;
}

/** Decides P1 to P7 over what runs on one or more clusters now. */
export async function auditLive(
  context: CommandContext,
  options: Omit<AuditOptions, "cluster"> & LiveAuditOptions,
): Promise<void> {
  const { terminal } = context;
  const fleet =
    options.fleet === undefined ? undefined : readFleet(options.fleet, terminal.environment).fleet;
  const token = options.vault === undefined ? undefined : vaultToken(terminal.environment);
  const facts: LiveFacts[] = [];
  for (const target of scanTargets(options, fleet)) {
    const objects = await scan(target, terminal);
    const vault =
      options.vault === undefined
        ? {}
        : await scanVault(
            { address: options.vault, token: token! },
            { cluster: target.cluster, others: otherClusters(fleet, target) },
          );
    facts.push({ ...target, objects, ...vault });
  }
  const { graph, results } = endedBySignals(() => {
    const graph = liveGraph(facts);
    return { graph, results: evaluate(graph, LIVE_RULES) };
  });
  const date = systemClock.now();
  const matrix = policyMatrix(graph, results, fleet?.waivers ?? [], date);
  if (options.reports !== undefined) writeAudit(options.reports, matrix);
  const read = facts.reduce((sum, { objects }) => sum + objects.length, 0);
  const looked = `${count(graph.objects.length, "object")} of ${read} on ${count(facts.length, "cluster")}`;
  await printAudit(
    context,
    { matrix, results, files: [], placesOf: () => [], date },
    looked,
    options,
  );
}

async function scan(
  { cluster, context }: ScanTarget,
  terminal: Terminal,
): Promise<LiveFacts["objects"]> {
  const api = await KubeApi.connect(context);
  terminal.error(`${cluster}: reading ${api.context} …\n`);
  let kinds = 0;
  const objects = await scanCluster(api, () => (kinds += 1));
  terminal.error(
    `${cluster}: ${count(objects.length, "object")} of ${count(kinds, "kind")} read\n`,
  );
  return objects;
}

function otherClusters(fleet: Fleet | undefined, { cluster }: ScanTarget): readonly string[] {
  return (fleet?.clusters ?? []).map(({ name }) => name).filter((name) => name !== cluster);
}

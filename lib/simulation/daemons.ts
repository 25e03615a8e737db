import type { Daemon, Reconciliation } from "../daemons/daemon";
import type { Fleet } from "../fleet/schema";
import type { JoinRecord } from "../join/record";
import { DAEMONS } from "../platform/daemon";
import type { DaemonName } from "../platform/daemon";
import type { PolicyMatrix } from "../policy/matrix";
import { verifyMirror } from "../registry/mirror/verify";
import type { ClusterReport } from "../report/cluster-report";
import { verifyImageSignature } from "../signing/image-signature";
import { canonicalJson } from "../support/canonical-json";
import { planReplication } from "../vault/replication-plan";
import type { ChartStepResult } from "./chart-step";
import { findCluster } from "./cluster-step";
import type { MirrorStepResult } from "./mirror-step";
import type { VaultStepResult } from "./vault-step";

/** What the steps of a run have made: what the daemons now watch over. */
export interface Watched {
  readonly fleet: Fleet;
  readonly folder: string;
  readonly clusters: readonly ClusterReport[];
  readonly mirror: MirrorStepResult;
  readonly vault: VaultStepResult;
  readonly charts: ChartStepResult;
  readonly joins: readonly JoinRecord[];
  /** Undefined as long as the policies are not decided. */
  readonly matrix?: PolicyMatrix;
  /** PEM */
  readonly trustedKeys: readonly string[];
}

/** The platform's daemons over a run's stores: each looks again at what its step has made. */
export function simulatedDaemons(watched: Watched): Daemon[] {
  const passes: Record<DaemonName, () => Reconciliation | Promise<Reconciliation>> = {
    bootstrap: () => watchTopology(watched),
    mirror: () => watchMirror(watched),
    "vault-sync": () => watchVault(watched),
    chart: () => watchChart(watched),
    "node-join": () => watchJoins(watched),
    "policy-monitor": () => watchPolicies(watched),
  };
  return DAEMONS.map(({ name }) => ({ name, reconcile: async () => passes[name]() }));
}

async function watchTopology({ fleet, folder, clusters }: Watched): Promise<Reconciliation> {
  const again = await Promise.all(fleet.clusters.map((cluster) => findCluster(cluster, folder)));
  const changed = again.filter(
    ({ topology }, index) => canonicalJson(topology) !== canonicalJson(clusters[index]?.topology),
  );
  return {
    healthy: changed.length === 0,
    summary: `${again.length - changed.length} of ${again.length} topologies as declared`,
  };
}

async function watchMirror({ mirror, trustedKeys }: Watched): Promise<Reconciliation> {
  const { verified, images } = await verifyMirror(mirror.plan, mirror.target, trustedKeys);
  const good = images.filter(({ verification }) => verification.verified).length;
  return { healthy: verified, summary: `${good} of ${images.length} images whole and signed` };
}

async function watchVault({ vault }: Watched): Promise<Reconciliation> {
  let behind = 0;
  for (const { mount, paths, secondary } of vault.replicas) {
    const plan = await planReplication(vault.primary, secondary, {
      mount,
      paths,
    });
    behind += plan.secrets.filter(({ change }) => change !== "unchanged").length;
  }
  return { healthy: behind === 0, summary: `${behind} secrets behind the primary` };
}

function watchChart({ charts, trustedKeys }: Watched): Reconciliation {
  const { repository, digest } = charts.signature;
  const result = verifyImageSignature(charts.signature, { repository, digest }, trustedKeys);
  return {
    healthy: result.verified,
    summary: result.verified ? `${charts.reference} is signed` : result.reason,
  };
}

function watchJoins({ fleet, joins }: Watched): Reconciliation {
  const wanted = fleet.clusters.reduce((sum, { nodePool }) => sum + nodePool.nodes, 0);
  const joined = joins.filter(({ outcome }) => outcome === "joined").length;
  return { healthy: joined === wanted, summary: `${joined} of ${wanted} nodes joined` };
}

function watchPolicies({ matrix }: Watched): Reconciliation {
  if (matrix === undefined) return { healthy: false, summary: "P1 to P7 are not decided yet" };
  return { healthy: matrix.outcome !== "violation", summary: `P1 to P7: ${matrix.outcome}` };
}

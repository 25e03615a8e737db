import type { PlaybookRun } from "../support/playbook-run";
import { markdownTable } from "../support/text-table";
import type { ClusterSource, Topology } from "../topology/topology";
import { bullets, code, count, page } from "./markdown";

/** What was found of one cluster. */
export interface ClusterReport {
  readonly source: ClusterSource;
  readonly topology: Topology;
  /** Planned for a cluster from an inventory. */
  readonly bootstrap?: PlaybookRun;
  /** Why another source than the declared one was used. */
  readonly note?: string;
}

/** `G.3.1_cluster_bootstrap.md` */
export function clusterBootstrapPage(clusters: readonly ClusterReport[]): string {
  const nodes = clusters.flatMap(({ topology }) => [
    ...topology.masters.map((node) => [
      topology.cluster,
      node.name,
      "master",
      node.address ?? "",
      node.from,
    ]),
    ...topology.workers.map((node) => [
      topology.cluster,
      node.name,
      "worker",
      node.address ?? "",
      node.from,
    ]),
  ]);
  const notes = clusters.flatMap(({ note }) => (note === undefined ? [] : [note]));
  const bootstraps = clusters.flatMap(({ topology, bootstrap }) =>
    bootstrap === undefined
      ? []
      : [[topology.cluster, bootstrap.mode, code(bootstrap.playbook), code(bootstrap.planHash)]],
  );
  return page(
    "Cluster bootstrap",
    `${count(clusters.length, "cluster")}, ${count(nodes.length, "node")}.`,
    notes.length > 0 ? bullets(notes) : undefined,
    markdownTable(
      ["cluster", "region", "source", "Kubernetes", "masters", "workers"],
      clusters.map(
        ({ topology: { cluster, region, source, kubernetesVersion, masters, workers } }) => [
          cluster,
          region,
          `${source.kind} ${code(source.detail)}`,
          kubernetesVersion ?? "not known",
          String(masters.length),
          String(workers.length),
        ],
      ),
    ),
    "## Nodes",
    markdownTable(["cluster", "node", "role", "address", "known from"], nodes),
    "## Playbooks",
    bootstraps.length > 0
      ? markdownTable(["cluster", "mode", "playbook", "plan"], bootstraps)
      : "None: a playbook runs on clusters that come from an inventory.",
    "## Next",
    bullets([
      "Read a playbook's changes before they happen: `pulumi preview`, or `atom playbook` with `--check`.",
      "A cluster whose nodes are simulated exists only in this run: set `K8S_CONTEXT` or `ANSIBLE_INVENTORY`, or change its `source`.",
    ]),
  );
}

import { isDnsSubdomain, printable } from "../kubernetes/names";
import type { Problem } from "../support/problem";
import { UsageError } from "../support/problem";
import type { Inventory, InventoryHost } from "./inventory";
import type { NodeRole } from "./node-roles";
import { roleOfGroup } from "./node-roles";
import type { Topology, TopologyNode } from "./topology";

/**
 * The topology an inventory describes. A host of both roles is a master.
 *
 * @throws UsageError if no group holds masters, if hosts are left without a role, if a node's name
 * is no Kubernetes node name, if a host belongs to another region or if the masters' versions differ.
 */
export function topologyOfInventory(
  inventory: Inventory,
  { cluster, region }: { readonly cluster: string; readonly region: string },
): Topology {
  const masters = inventory.hosts.filter((host) => roleOf(host) === "master");
  const workers = inventory.hosts.filter((host) => roleOf(host) === "worker");
  const problems = [
    ...missingRoles(inventory, masters),
    ...[...masters, ...workers].flatMap((host) => nodeProblems(host, region, inventory.path)),
    ...versionProblems(masters, inventory.path),
  ];
  if (problems.length > 0) throw new UsageError(`inventory of cluster '${cluster}'`, problems);
  const version = masters.find((host) => host.kubernetesVersion !== undefined)?.kubernetesVersion;
  return {
    version: 1,
    cluster,
    region,
    source: { kind: "inventory", detail: inventory.path },
    ...(version === undefined ? {} : { kubernetesVersion: version }),
    masters: masters.map((host) => nodeOf(host, inventory.path)),
    workers: workers.map((host) => nodeOf(host, inventory.path)),
  };
}

function roleOf(host: InventoryHost): NodeRole | undefined {
  const roles = host.groups.map(roleOfGroup);
  return roles.includes("master") ? "master" : roles.find((role) => role !== undefined);
}

function missingRoles(inventory: Inventory, masters: readonly InventoryHost[]): Problem[] {
  const { path, groups, hosts } = inventory;
  const has = groups.length === 0 ? "no groups" : `the groups ${groups.map(printable).join(", ")}`;
  if (masters.length === 0) {
    return [
      {
        path,
        message: `no group holds the control plane; the inventory has ${has}`,
        mend: "name one of its groups masters, control_plane, kube_control_plane or server",
      },
    ];
  }
  // Hosts without a role beside a worker group are bastions and the like; without one, a slip in its name.
  const hasWorkerGroup = groups.some((group) => roleOfGroup(group) === "worker");
  const idle = hosts.filter((host) => roleOf(host) === undefined);
  if (hasWorkerGroup || idle.length === 0) return [];
  return [
    {
      path,
      line: idle[0]!.line,
      message: `no group holds workers, but ${idle.length} host(s) have no role; the inventory has ${has}`,
      mend: "name a group workers, nodes, kube_node or agent (it may be empty)",
    },
  ];
}

function nodeProblems({ name, region: own, line }: InventoryHost, region: string, path: string) {
  const problems: Problem[] = [];
  if (!isDnsSubdomain(name)) {
    problems.push({
      path,
      line,
      message: `host ${printable(name)} is no Kubernetes node name`,
      mend: "use a-z, 0-9, '-' and '.', with a letter or digit at both ends",
    });
  }
  if (own !== undefined && own !== region) {
    problems.push({
      path,
      line,
      message: `host ${printable(name)} is in region '${own}', its cluster in '${region}'`,
      mend: "keep one inventory for each region",
    });
  }
  return problems;
}

function versionProblems(masters: readonly InventoryHost[], path: string): Problem[] {
  const versions = [...new Set(masters.flatMap(({ kubernetesVersion: v }) => v ?? []))];
  if (versions.length < 2) return [];
  return [
    {
      path,
      message: `the masters have different Kubernetes versions: ${versions.join(", ")}`,
      mend: "finish the upgrade, or set one version for the group",
    },
  ];
}

function nodeOf({ name, address, line }: InventoryHost, path: string): TopologyNode {
  return { name, ...(address === undefined ? {} : { address }), from: `${path} line ${line}` };
}

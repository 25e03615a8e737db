/** Group names, with '-' read as '_' and without regard to case, that hold control-plane nodes. */
export const MASTER_GROUPS: readonly string[] = [
  "masters",
  "master",
  "control_plane",
  "controlplane",
  "kube_control_plane",
  "kube_master",
  "server",
  "servers",
];

/** The same for nodes that run workloads. */
export const WORKER_GROUPS: readonly string[] = [
  "workers",
  "worker",
  "nodes",
  "node",
  "kube_node",
  "agent",
  "agents",
];

export type NodeRole = "master" | "worker";

/**
 * The role that a group name stands for in the inventories of kubespray (`kube_control_plane`,
 * `kube_node`), k3s-ansible (`server`, `agent`) and those written by hand; undefined for others.
 */
export function roleOfGroup(name: string): NodeRole | undefined {
  const plain = name.toLowerCase().replaceAll("-", "_");
  if (MASTER_GROUPS.includes(plain)) return "master";
  return WORKER_GROUPS.includes(plain) ? "worker" : undefined;
}

/** A long-running part of the platform. Each runs as a workload of its own and serves `/metrics`. */
export interface DaemonDescription {
  /** Name of the workload and of the daemon in metrics and `/health`. */
  readonly name: string;
  /** What it keeps true. */
  readonly purpose: string;
}

export const DAEMONS = [
  { name: "bootstrap", purpose: "the topology is as declared" },
  { name: "mirror", purpose: "every image is in the registry, whole and signed" },
  { name: "vault-sync", purpose: "the replica holds what the primary holds" },
  { name: "chart", purpose: "each tenant's render is the signed chart's" },
  { name: "node-join", purpose: "only admitted nodes join" },
  { name: "policy-monitor", purpose: "P1 to P7 hold" },
] as const satisfies readonly DaemonDescription[];

export type DaemonName = (typeof DAEMONS)[number]["name"];

/** Port of `/health` and `/metrics`. */
export const DAEMON_PORT = 8600;

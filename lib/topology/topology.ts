import { z } from "zod";
import { parseStrict, strictObject } from "../support/strict-schema";

/** One machine of a cluster. */
export interface TopologyNode {
  /** The node's Kubernetes name, an RFC 1123 subdomain. */
  readonly name: string;
  /** Host name or IP address, where the source has one. */
  readonly address?: string;
  /** Where the fact came from: `inventory/hosts.ini line 12`, `kube context prod-eu`, `simulated`. */
  readonly from: string;
}

/** Where a cluster runs, as far as its source tells. Nothing in it is secret. */
export interface Topology {
  readonly version: 1;
  readonly cluster: string;
  readonly region: string;
  readonly source: {
    readonly kind: "context" | "inventory" | "simulated";
    /** The context's name, the inventory's path as it was written, or the simulated sizes. */
    readonly detail: string;
  };
  /** `1.31.2`, without a leading `v`; absent if the source does not tell. */
  readonly kubernetesVersion?: string;
  readonly masters: readonly TopologyNode[];
  readonly workers: readonly TopologyNode[];
}

/** A context of the user's kubeconfig. */
export interface ContextSource {
  readonly context: string;
}
/** An Ansible inventory, INI or YAML; the path is relative to the file that names it. */
export interface InventorySource {
  readonly inventory: string;
}
/** Nodes that exist in a simulation only. */
export interface SimulatedSource {
  readonly simulate: { readonly masters: number; readonly workers: number };
}
/** Where to find a cluster: exactly one of three. */
export type ClusterSource = ContextSource | InventorySource | SimulatedSource;

const sourceOptions = [
  strictObject({ context: z.string().min(1).max(253) }),
  strictObject({ inventory: z.string().min(1).max(4096) }),
  strictObject({
    simulate: strictObject({
      masters: z.number().int().min(1).max(9),
      workers: z.number().int().min(0).max(1000),
    }),
  }),
] as const;
const sourceKeys = ["context", "inventory", "simulate"];

export const clusterSourceSchema: z.ZodType<ClusterSource> = z.union(sourceOptions, {
  error: (issue) => unionMessage(issue.input, "errors" in issue ? issue.errors : undefined),
});

/** A union's own message is "Invalid input"; this one says what is wrong with the source that was meant. */
function unionMessage(input: unknown, errors: unknown): string {
  const given = typeof input === "object" && input !== null ? Object.keys(input) : [];
  const meant = sourceKeys.filter((key) => given.includes(key));
  const only = meant[0];
  if (meant.length === 1 && only !== undefined && Array.isArray(errors)) {
    const issues: unknown = errors[sourceKeys.indexOf(only)];
    const parsed = issueList.safeParse(issues);
    if (parsed.success) {
      return parsed.data
        .map(({ path, message }) => `${path.join(".")} ${message}`.trim())
        .join("; ");
    }
  }
  return "name exactly one source: { context: NAME }, { inventory: PATH } or { simulate: { masters: 1, workers: 2 } }";
}
const issueList = z.array(
  z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }),
);

/**
 * Checks a source given in code, where no schema has run.
 *
 * @throws UsageError
 */
export function checkClusterSource(source: ClusterSource): void {
  parseStrict(clusterSourceSchema, source, "cluster source", ["source"]);
}

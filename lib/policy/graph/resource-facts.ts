import { tenantNamespace } from "../../kubernetes/names";
import { isRecord, listOf, recordOf } from "../reading/shape";
import { UNKNOWN } from "../reading/unknown";
import { playbooksOfCommand } from "./command-playbooks";
import type {
  ChartNode,
  GraphContent,
  MirrorNode,
  PlaybookNode,
  ReleaseNode,
  ReplicaNode,
  Scope,
  VaultPolicyNode,
  VaultRoleNode,
} from "./graph";
import { COMPONENTS } from "./resource-scope";
import type { StackResource } from "./stack-resource";

/** The facts that one resource adds to a graph. */
export type Facts = Partial<
  Pick<
    GraphContent,
    | "tenants"
    | "charts"
    | "playbooks"
    | "releases"
    | "vaultPolicies"
    | "vaultRoles"
    | "stackReferences"
    | "mirrors"
    | "replicas"
  >
>;

/**
 * What a component or a Vault resource says, as nodes of the graph. Nothing is checked here, and
 * what is unknown stays so: the rules decide over it.
 */
export function factsOf(resource: StackResource, scope: Scope): Facts {
  const { type, name, inputs } = resource;
  switch (type) {
    case COMPONENTS.cluster:
      return playbook(`playbook ${scope.cluster}/bootstrap`, scope, inputs["bootstrap"]);
    case COMPONENTS.nodePool: {
      const pool = typeof inputs["pool"] === "string" ? inputs["pool"] : name;
      return playbook(`playbook ${scope.cluster}/join-${pool}`, scope, inputs["join"]);
    }
    case COMPONENTS.tenant: {
      const tenant = scope.tenant ?? name;
      return { tenants: [{ id: `tenant ${tenant}`, scope: { ...scope, tenant } }] };
    }
    case COMPONENTS.mirror:
      return { mirrors: [mirror(name, scope, inputs)] };
    case COMPONENTS.chart:
      return chart(tenantNamespace(scope.tenant ?? name), scope, inputs);
    case COMPONENTS.vault:
      return { replicas: replicas(scope, inputs["replicas"]) };
    case "vault:index/policy:Policy":
      return { vaultPolicies: [vaultPolicy(name, scope, inputs)] };
    case "vault:kubernetes/authBackendRole:AuthBackendRole":
      return { vaultRoles: [vaultRole(name, scope, inputs)] };
    default:
      return { playbooks: playbooksOfCommand(resource, scope) };
  }
}

function playbook(id: string, scope: Scope, run: unknown): Facts {
  if (run === undefined) return {};
  const confirmed = fieldOf(run, "confirmed");
  const node = {
    id,
    scope,
    argv: fieldOf(run, "argv") ?? [],
    planHash: fieldOf(run, "planHash") ?? "",
    document: fieldOf(run, "document"),
    digest: fieldOf(run, "digest"),
    proof: fieldOf(run, "proof"),
    ...(confirmed === undefined ? {} : { confirmed }),
  };
  return { playbooks: [node as PlaybookNode] };
}

function chart(called: string, scope: Scope, inputs: StackResource["inputs"]): Facts {
  const node = {
    id: `chart ${called}`,
    scope,
    // Without a reference it is a chart all the same, and P2-2 says what it lacks.
    reference: fieldOf(inputs["chart"], "reference") ?? "",
    signatures: fieldOf(inputs["chart"], "signatures") ?? [],
    ...present({
      imageSignatures: fieldOf(inputs["chart"], "imageSignatures"),
      render: fieldOf(inputs["chart"], "render"),
    }),
  };
  const { release } = inputs;
  const releases = release === undefined ? [] : [releaseNode(`release ${called}`, scope, release)];
  return { charts: [node as ChartNode], releases };
}

function mirror(name: string, scope: Scope, inputs: StackResource["inputs"]): MirrorNode {
  const { target, images, imageSignatures, unmirrored, provenance } = inputs;
  return {
    id: `mirror ${scope.cluster}/${name}`,
    scope,
    ...{ target, images, ...present({ imageSignatures, unmirrored, provenance }) },
  } as MirrorNode;
}

/** What is known of the secrets that each tenant opted into, by the tenant's name. */
function replicas(scope: Scope, known: unknown): ReplicaNode[] {
  return Object.entries(recordOf(known)).flatMap(([tenant, records]) =>
    listOf(records).map((record) => {
      const { mount, path } = recordOf(record);
      const id = `secret ${label(mount, "?")}/${label(path, "?")}`;
      return { ...recordOf(record), id, scope: { ...scope, tenant } } as ReplicaNode;
    }),
  );
}

function releaseNode(id: string, scope: Scope, release: unknown): ReleaseNode {
  return {
    id,
    scope,
    automaticRollback: fieldOf(release, "automaticRollback"),
    historyLimit: fieldOf(release, "historyLimit"),
    timeoutSeconds: fieldOf(release, "timeoutSeconds"),
    rollbackTimeoutSeconds: fieldOf(release, "rollbackTimeoutSeconds"),
    failedInstall: fieldOf(release, "failedInstall"),
  } as ReleaseNode;
}

function vaultPolicy(name: string, scope: Scope, inputs: StackResource["inputs"]): VaultPolicyNode {
  const policy = { id: `vault policy ${label(inputs["name"], name)}`, scope };
  return { ...policy, name: inputs["name"], policy: inputs["policy"] } as VaultPolicyNode;
}

function vaultRole(name: string, scope: Scope, inputs: StackResource["inputs"]): VaultRoleNode {
  return {
    id: `vault role ${label(inputs["roleName"], name)}`,
    scope,
    name: inputs["roleName"],
    boundNamespaces: inputs["boundServiceAccountNamespaces"] ?? [],
    boundServiceAccounts: inputs["boundServiceAccountNames"] ?? [],
    policies: inputs["tokenPolicies"] ?? [],
    tokenTtlSeconds: inputs["tokenTtl"],
    namespaceSelector: inputs["boundServiceAccountNamespaceSelector"],
    audience: inputs["audience"],
    tokenMaxTtlSeconds: inputs["tokenMaxTtl"],
    tokenPeriodSeconds: inputs["tokenPeriod"],
  } as VaultRoleNode;
}

/** The fields that are there. */
function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A field of something that may be unknown as a whole. */
function fieldOf(value: unknown, field: string): unknown {
  if (value === UNKNOWN) return UNKNOWN;
  return isRecord(value) ? (value[field] ?? undefined) : undefined;
}

function label(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

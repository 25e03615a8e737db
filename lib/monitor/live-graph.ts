import { ROLE_LABEL, TENANT_LABEL } from "../kubernetes/labels";
import { isReservedName, PLATFORM_NAMESPACE } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { ResourceGraph } from "../policy/graph/graph";
import type { ObjectNode, Scope, VaultPolicyNode, VaultRoleNode } from "../policy/graph/graph";
import { namespaceOwners } from "../policy/graph/namespace-owners";
import { safeObjectId } from "../policy/graph/resource-objects";
import { listOf, recordOf } from "../policy/reading/shape";
import { accountsNamespace } from "../policy/rights/binding-subject";
import type { LiveObject } from "./read-object";
import { runningObjects } from "./running-objects";

/** What is to be judged of a cluster, and what it is held against. */
export interface LiveFacts {
  /** Its name in the reports. */
  readonly cluster: string;
  readonly objects: readonly LiveObject[];
  /** The tenants that a fleet places on it; undefined if no fleet says. */
  readonly tenants?: readonly string[];
  readonly vaultPolicies?: readonly VaultPolicyNode[];
  readonly vaultRoles?: readonly VaultRoleNode[];
}

/**
 * The graph of live clusters. A namespace is judged, with all in it, if its labels make it a tenant's or
 * the platform's, and the platform's own always. Of any other only the Namespace is, for belonging to
 * nobody, unless its name is one that Kubernetes or a distribution keeps for itself: that is not judged.
 *
 * What belongs to no namespace is the platform's. But a binding that gives rights to a tenant's service
 * account is that tenant's, wherever it is.
 */
export function liveGraph(clusters: readonly LiveFacts[]): ResourceGraph {
  return new ResourceGraph({
    clusters: clusters.map(({ cluster }) => cluster),
    plain: true,
    tenants: clusters.flatMap(({ cluster, tenants = [] }) =>
      tenants.map((tenant) => ({ id: `tenant ${tenant}`, scope: { cluster, tenant } })),
    ),
    objects: clusters.flatMap(judgedObjects),
    vaultPolicies: clusters.flatMap(({ vaultPolicies = [] }) => vaultPolicies),
    vaultRoles: clusters.flatMap(({ vaultRoles = [] }) => vaultRoles),
  });
}

function judgedObjects(facts: LiveFacts): ObjectNode[] {
  const scope = { cluster: facts.cluster };
  const running = runningObjects(facts.objects);
  const owners = namespaceOwners(running.map(({ object }) => ({ scope, object })));
  const places = new Places(facts.objects);
  return running.flatMap(({ object, id }): ObjectNode[] => {
    const beneficiary = places.beneficiaryOf(object);
    if (beneficiary === undefined && !places.isJudged(object)) return [];
    const owner: Scope = owners(scope, object);
    const tenant = owner.tenant ?? beneficiary;
    return [
      {
        id: id ?? safeObjectId(object, "an object without a name"),
        scope: tenant === owner.tenant ? owner : { ...scope, tenant: tenant! },
        object,
        inCluster: true,
      },
    ];
  });
}

/** The namespaces of a cluster. */
class Places {
  /** The tenants' namespaces, and whose each is. */
  readonly #tenants = new Map<string, string>();
  readonly #judged = new Set([PLATFORM_NAMESPACE]);

  constructor(objects: readonly LiveObject[]) {
    for (const { kind, metadata } of objects) {
      if (kind !== "Namespace") continue;
      const { [TENANT_LABEL]: tenant, [ROLE_LABEL]: role } = metadata.labels ?? {};
      if (tenant !== undefined) this.#tenants.set(metadata.name, tenant);
      if (tenant !== undefined || role !== undefined) this.#judged.add(metadata.name);
    }
  }

  isJudged({ kind, metadata }: KubernetesObject): boolean {
    if (kind === "Namespace") {
      return this.#judged.has(metadata.name) || !isReservedName(metadata.name);
    }
    return metadata.namespace === undefined || this.#judged.has(metadata.namespace);
  }

  /** The tenant to whose service account a binding gives rights; the first of several. */
  beneficiaryOf(object: KubernetesObject): string | undefined {
    if (object.kind !== "ClusterRoleBinding" && object.kind !== "RoleBinding") return undefined;
    for (const subject of listOf(object["subjects"])) {
      const tenant = this.#tenants.get(accountsNamespace(recordOf(subject)) ?? "");
      if (tenant !== undefined) return tenant;
    }
    return undefined;
  }
}

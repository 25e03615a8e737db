import type { KubernetesObject } from "../kubernetes/object";
import { printable } from "../support/printable";
import { UsageError } from "../support/problem";
import { KubeApi, KubeApiError } from "../topology/kube-api";
import { kubeFailure, kubeFailureMend } from "../topology/kube-failure";

/** What an API calls a kind. */
export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Objects of one answer. */
const PAGE = 500;

interface List {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly KubernetesObject[];
}
interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string }[];
}

/**
 * Every object of some namespaced kinds in one namespace, as a cluster has them. A kind that the cluster does not
 * know has none.
 *
 * @throws UsageError for an unknown context, and for a cluster that does not answer or does not allow
 * one of the lists: what cannot be seen is not missing.
 */
export async function readLiveObjects(
  context: string,
  namespace: string,
  kinds: readonly ObjectKind[],
): Promise<KubernetesObject[]> {
  const api = await KubeApi.connect(context);
  const objects: KubernetesObject[] = [];
  for (const { apiVersion, kind } of distinct(kinds)) {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { resources = [] } = ((await get(api, base)) ?? {}) as ResourceList;
    const resource = resources.find((known) => known.kind === kind && !known.name.includes("/"));
    if (resource === undefined) continue;
    const path = `${base}/namespaces/${encodeURIComponent(namespace)}/${resource.name}?limit=${PAGE}`;
    let next: string | undefined;
    do {
      const further = next === undefined ? "" : `&continue=${encodeURIComponent(next)}`;
      const { items = [], metadata } = ((await get(api, path + further)) ?? {}) as List;
      // Items of a list bear neither.
      objects.push(...items.map((item) => ({ ...item, apiVersion, kind })));
      next = metadata?.continue || undefined;
    } while (next !== undefined);
  }
  return objects;
}

function distinct(kinds: readonly ObjectKind[]): ObjectKind[] {
  return [...new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind])).values()];
}

async function get(api: KubeApi, path: string): Promise<unknown> {
  try {
    return await api.get(path);
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error;
    const isRefused = error.code === "401" || error.code === "403";
    throw new UsageError("kube context", [
      {
        path: "context",
        message: `the cluster behind ${printable(api.context)} does not show its objects (${kubeFailure(api, error)})`,
        mend: isRefused
          ? "name a context that may list the tenant's objects with --context"
          : (kubeFailureMend(error) ?? "name another context with --context"),
      },
    ]);
  }
}

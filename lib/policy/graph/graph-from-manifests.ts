import { expandList } from "../../kubernetes/expand-list";
import type { KubernetesObject } from "../../kubernetes/object";
import { ResourceGraph } from "./graph";
import type { Scope } from "./graph";
import type { ResourceGraphOptions } from "./graph-options";
import { namespaceOwners } from "./namespace-owners";
import { safeObjectId, withMetadata } from "./resource-objects";

export interface ManifestGraphOptions extends ResourceGraphOptions {
  /**
   * Whether the documents come from text, which holds no unknown values: then nobody looks for them.
   *
   * @default false
   */
  readonly plain?: boolean;
}

/**
 * Makes a graph of plain Kubernetes objects, as files or a live cluster have them. They declare no
 * tenants: whose an object is says the label of its Namespace.
 *
 * @param documents parsed YAML documents; one that is no object is kept, for the rules to report.
 */
export function graphFromManifests(
  documents: readonly unknown[],
  { cluster = "default", ...options }: ManifestGraphOptions = {},
): ResourceGraph {
  return graphFromClusters([{ cluster, documents }], options);
}

/** The manifests of one cluster. */
export interface ClusterManifests {
  readonly cluster: string;
  readonly documents: readonly unknown[];
}

/** {@link graphFromManifests} of several clusters, each by its own name. */
export function graphFromClusters(
  clusters: readonly ClusterManifests[],
  { trustedKeys = [], plain = false }: Omit<ManifestGraphOptions, "cluster"> = {},
): ResourceGraph {
  const found: { readonly scope: Scope; readonly object: KubernetesObject }[] = [];
  for (const { cluster, documents } of clusters) {
    const scope = { cluster };
    for (const document of documents) {
      // An empty document between two separators is nothing at all.
      if (document === null || document === undefined) continue;
      for (const object of expandList(document as KubernetesObject)) {
        found.push({ scope, object: withMetadata(object) });
      }
    }
  }
  const scopeOf = namespaceOwners(found);
  return new ResourceGraph({
    clusters: clusters.map(({ cluster }) => cluster),
    trustedKeys,
    plain,
    objects: found.map(({ scope, object }, index) => ({
      id: safeObjectId(object, `document-${index + 1}`),
      scope: scopeOf(scope, object),
      object,
    })),
  });
}

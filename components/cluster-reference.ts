import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSource } from "../lib/topology/topology";

/** What other components need to know of a cluster. `AtomCluster` is one. */
export interface ClusterReference {
  readonly clusterName: string;
  readonly region: string;
  /** Public DNS name below which tenants' services get their hosts. */
  readonly domain: string;
  readonly provider: kubernetes.Provider;
}

/**
 * The provider through which a cluster's objects are made. The identifier is fixed, so that another
 * kubeconfig for the same cluster replaces nothing.
 *
 * So is the namespace of what names none. The provider puts it, at preview, in the place of a
 * namespace that is not known yet too; a context whose namespace is a tenant's would then hide from
 * P5 an object that may land anywhere. Nobody owns `default`.
 *
 * A simulated cluster has no API server: its objects are written as YAML to
 * `.atom/rendered/<cluster>` instead.
 */
export function createClusterProvider(
  name: string,
  { clusterName, source }: { clusterName: string; source: ClusterSource },
  options: pulumi.CustomResourceOptions,
): kubernetes.Provider {
  const target =
    "simulate" in source
      ? { renderYamlToDirectory: `.atom/rendered/${clusterName}` }
      : { context: "context" in source ? source.context : clusterName };
  return new kubernetes.Provider(
    name,
    { clusterIdentifier: clusterName, namespace: "default", ...target },
    options,
  );
}

/** Where a region's services are found, unless somebody says otherwise: a name for private use. */
export function defaultDomain(region: string): string {
  return `${region}.atom.internal`;
}

/** A cluster that another stack made, for a program that only adds to it. */
export function connectCluster(
  name: string,
  { source, ...place }: Omit<ClusterReference, "provider"> & { readonly source: ClusterSource },
  options: pulumi.CustomResourceOptions = {},
): ClusterReference {
  const { clusterName } = place;
  return { ...place, provider: createClusterProvider(name, { clusterName, source }, options) };
}

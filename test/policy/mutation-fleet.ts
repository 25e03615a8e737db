import { PLATFORM_NAMESPACE } from "../../lib/kubernetes/names";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import type { ResourceGraph } from "../../lib/policy/graph/graph";
import { graphFromManifests } from "../../lib/policy/graph/graph-from-manifests";
import { changed, set } from "./change";
import { compliantTenant, CLUSTER } from "./compliant-objects";

export const API = "Deployment tenant-acme/api";
const TEMPLATE = ["spec", "template"];

/** One tenant whose objects keep every rule of P1 to P7 that plain manifests can break. */
export function compliantFleet(tenant = "acme"): KubernetesObject[] {
  const api = `Deployment tenant-${tenant}/api`;
  const scraped = { scrape: "true", port: "9090", path: "/metrics" };
  const annotations = Object.entries(scraped).map(([key, value]) => [
    `prometheus.io/${key}`,
    value,
  ]);
  return changed(compliantTenant(tenant), [
    set(api, [...TEMPLATE, "metadata", "annotations"], Object.fromEntries(annotations)),
    set(api, [...TEMPLATE, "spec", "containers", 0, "ports", 1], {
      name: "metrics",
      containerPort: 9090,
    }),
    // With both, a pod could take too long to start.
    set(api, [...TEMPLATE, "spec", "initContainers"], undefined),
    set(api, ["spec", "progressDeadlineSeconds"], 60),
    // Nor does anybody wait for the balancer of an Ingress.
    set(
      `Ingress tenant-${tenant}/api`,
      ["metadata", "annotations", "pulumi.com/skipAwait"],
      "true",
    ),
    { add: scrapePolicy(tenant) },
  ]);
}

function scrapePolicy(tenant: string): KubernetesObject {
  const platform = { matchLabels: { "kubernetes.io/metadata.name": PLATFORM_NAMESPACE } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-scrape", namespace: `tenant-${tenant}` },
    spec: {
      podSelector: { matchLabels: { app: "api" } },
      policyTypes: ["Ingress"],
      ingress: [
        { from: [{ namespaceSelector: platform }], ports: [{ protocol: "TCP", port: 9090 }] },
      ],
    },
  };
}

/** The graph that `atom audit` makes of objects. */
export function fleetGraph(documents: readonly unknown[]): ResourceGraph {
  return graphFromManifests(documents, { cluster: CLUSTER });
}

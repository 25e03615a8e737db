import { ROLE_LABEL, TENANT_LABEL } from "../../lib/kubernetes/labels";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { objectNode, ResourceGraph } from "../../lib/policy/graph/graph";
import type { ObjectNode } from "../../lib/policy/graph/graph";
import { ACME, compliantFacts, PLATFORM, SIGNED_IMAGE } from "./compliant-facts";

/** An object whose every field a test may change: a tree of plain values, read loosely. */
export interface Tree {
  [key: string | number]: Tree;
}

export const IMAGE = `${SIGNED_IMAGE.repository}@${SIGNED_IMAGE.digest}`;

/** The least that P2 to P7 have something to say on, in the order of {@link AT}. */
function smallObjects(): ObjectNode[] {
  return [
    objectNode(namespace("atom-platform", { [ROLE_LABEL]: "platform" }), PLATFORM),
    {
      ...objectNode(
        namespace("tenant-acme", { [ROLE_LABEL]: "tenant", [TENANT_LABEL]: "acme" }),
        ACME,
      ),
      protect: true,
    },
    objectNode(deployment("api", "tenant-acme"), ACME),
    objectNode(statefulSet("store", "tenant-acme"), ACME),
    objectNode(service("store", "tenant-acme"), ACME),
    objectNode(serviceMonitor("store", "tenant-acme"), ACME),
    objectNode(disruptionBudget("api", "tenant-acme"), ACME),
    objectNode(job("migrate", "tenant-acme"), ACME),
  ];
}

/** Where each object stands in {@link smallContent}. */
export const AT = {
  platformNamespace: 0,
  namespace: 1,
  deployment: 2,
  statefulSet: 3,
  service: 4,
  serviceMonitor: 5,
  disruptionBudget: 6,
  job: 7,
} as const;

export type SmallContent = ReturnType<typeof smallContent>;

/** One tenant on one cluster with nothing to find; a test changes what it likes. */
export function smallContent() {
  return { ...compliantFacts(), objects: smallObjects() };
}

/** The compliant graph with something changed. */
export function graphWith(change: (content: SmallContent) => void = () => undefined) {
  const content = smallContent();
  change(content);
  return new ResourceGraph(content);
}

/** Changes one object of the compliant graph. */
export function graphWithObject(index: number, change: (object: Tree) => void): ResourceGraph {
  return graphWith(({ objects }) => change(objects[index]!.object as unknown as Tree));
}

export function namespace(name: string, labels: Record<string, string>): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export function deployment(name: string, home: string): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: home },
    spec: {
      replicas: 2,
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 60,
      minReadySeconds: 5,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { app: name },
          annotations: {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": "9090",
            "prometheus.io/path": "/metrics",
          },
        },
        spec: { containers: [container(name)] },
      },
    },
  };
}

function statefulSet(name: string, home: string): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace: home },
    spec: {
      replicas: 1,
      template: { metadata: { labels: { app: name } }, spec: { containers: [container(name)] } },
    },
  };
}

function service(name: string, home: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: home, labels: { app: name } },
    spec: {
      selector: { app: name },
      ports: [{ name: "http-metrics", port: 80, targetPort: 9090 }],
    },
  };
}

function serviceMonitor(name: string, home: string): KubernetesObject {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name, namespace: home },
    spec: {
      selector: { matchLabels: { app: name } },
      sampleLimit: 10_000,
      endpoints: [{ port: "http-metrics" }],
    },
  };
}

function disruptionBudget(name: string, home: string): KubernetesObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace: home },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: name } } },
  };
}

function job(name: string, home: string): KubernetesObject {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: home, annotations: { "atom.cloud/undo": "irreversible" } },
    spec: {
      activeDeadlineSeconds: 60,
      template: { metadata: {}, spec: { containers: [{ name, image: IMAGE }] } },
    },
  };
}

function container(name: string) {
  return {
    name,
    image: IMAGE,
    ports: [{ name: "metrics", containerPort: 9090 }],
    startupProbe: { httpGet: { port: 9090 }, periodSeconds: 2, failureThreshold: 15 },
    readinessProbe: { httpGet: { port: 9090 }, periodSeconds: 5, failureThreshold: 3 },
  };
}

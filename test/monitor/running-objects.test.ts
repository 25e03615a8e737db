import { describe, expect, test } from "vitest";
import type { LiveObject } from "../../lib/monitor/read-object";
import { runningObjects } from "../../lib/monitor/running-objects";

const NAMESPACE = "tenant-acme";
const TEMPLATE = {
  metadata: { labels: { app: "api" }, annotations: { "prometheus.io/port": "8080" } },
  spec: {
    automountServiceAccountToken: false,
    serviceAccountName: "api",
    containers: [{ name: "api", image: "api@sha256:1", securityContext: { privileged: false } }],
    volumes: [{ name: "tmp", emptyDir: {} }],
  },
};

type Owner = Pick<LiveObject, "apiVersion" | "kind" | "metadata">;

function object(
  kind: string,
  name: string,
  owner: Owner | undefined,
  rest: Record<string, unknown>,
): LiveObject {
  const { metadata, ...fields } = rest;
  const ownerReferences =
    owner === undefined
      ? []
      : [
          {
            kind: owner.kind,
            name: owner.metadata.name,
            uid: owner.metadata.uid,
            controller: true,
          },
        ];
  return {
    apiVersion: kind === "Pod" ? "v1" : "apps/v1",
    kind,
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `uid-${kind}-${name}`,
      ownerReferences,
      ...(metadata as object),
    },
    ...fields,
  } as LiveObject;
}

const deployment = object("Deployment", "api", undefined, {
  spec: { replicas: 2, template: TEMPLATE },
});
const withHash = (labels: object) => ({ ...labels, "pod-template-hash": "5d" });
const set = object("ReplicaSet", "api-5d", deployment, {
  spec: {
    replicas: 2,
    template: { ...TEMPLATE, metadata: { ...TEMPLATE.metadata, labels: withHash({ app: "api" }) } },
  },
});

/** A pod as the API server stores what the ReplicaSet asked for. */
function pod(
  name: string,
  changes: { spec?: object; metadata?: object; status?: object } = {},
): LiveObject {
  return object("Pod", name, set, {
    metadata: {
      labels: withHash({ app: "api" }),
      annotations: TEMPLATE.metadata.annotations,
      ...changes.metadata,
    },
    spec: {
      ...TEMPLATE.spec,
      nodeName: "node-1",
      priority: 0,
      enableServiceLinks: true,
      imagePullSecrets: [{ name: "of-the-account" }],
      serviceAccount: "api",
      tolerations: [
        { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
      ],
      containers: [{ ...TEMPLATE.spec.containers[0], resources: { limits: { cpu: "1" } } }],
      ...changes.spec,
    },
    status: { phase: "Running", ...changes.status },
  });
}

const judged = (...objects: LiveObject[]) =>
  runningObjects(objects).map(
    ({ object: { kind, metadata }, id }) => id ?? `${kind} ${metadata.name}`,
  );
const AS_IT_RUNS = "Deployment tenant-acme/api, as it runs";
const [container] = TEMPLATE.spec.containers;

describe("what a workload has made", () => {
  test("is judged once, by the template, whatever Kubernetes has written into it", () => {
    expect(judged(deployment, set, pod("a"), pod("b"))).toEqual(["Deployment api"]);
  });

  test.each<[string, Parameters<typeof pod>[1]]>([
    ["a container that a webhook added", { spec: { containers: [container, { name: "proxy" }] } }],
    ["a container for debugging", { spec: { ephemeralContainers: [{ name: "debugger" }] } }],
    [
      "a container of the same name that is another",
      { spec: { containers: [{ ...container, securityContext: { privileged: true } }] } },
    ],
    ["another image", { spec: { containers: [{ ...container, image: "api:latest" }] } }],
    ["the host's network", { spec: { hostNetwork: true } }],
    ["a path of the host", { spec: { volumes: [{ name: "root", hostPath: { path: "/" } }] } }],
    [
      "a token that the template does not ask for",
      {
        spec: { volumes: [...TEMPLATE.spec.volumes, { name: "kube-api-access-x", projected: {} }] },
      },
    ],
    ["another account", { spec: { serviceAccountName: "operator" } }],
    [
      "a label that a network policy may select",
      { metadata: { labels: { app: "api", "atom.cloud/exposed": "true" } } },
    ],
    [
      "an annotation that a rule reads",
      { metadata: { annotations: { "prometheus.io/scrape": "true" } } },
    ],
    ["a toleration", { spec: { tolerations: [{ operator: "Exists" }] } }],
    [
      "a node that is chosen by its label",
      {
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [] }],
              },
            },
          },
        },
      },
    ],
  ])("is judged itself, under the workload's name, if it has %s", (_, changes) => {
    expect(judged(deployment, set, pod("a"), pod("b", changes))).toEqual([
      "Deployment api",
      AS_IT_RUNS,
    ]);
  });

  test("is judged once for each shape", () => {
    const proxy = { spec: { containers: [container, { name: "proxy" }] } };
    expect(judged(deployment, set, pod("a", proxy), pod("b", proxy), pod("c", proxy))).toEqual([
      "Deployment api",
      AS_IT_RUNS,
    ]);
    const other = { spec: { containers: [container, { name: "other" }] } };
    expect(judged(deployment, set, pod("a", proxy), pod("b", other))).toHaveLength(3);
  });

  test("is not judged once it has ended", () => {
    const over = pod("a", { spec: { hostNetwork: true }, status: { phase: "Failed" } });
    const old = object("ReplicaSet", "api-4c", deployment, {
      spec: { replicas: 0, template: { spec: {} } },
    });
    expect(judged(deployment, set, over, old)).toEqual(["Deployment api"]);
  });

  test("is judged for the revision before as long as that runs", () => {
    const old = object("ReplicaSet", "api-4c", deployment, {
      spec: { replicas: 1, template: { spec: {} } },
    });
    expect(judged(deployment, set, old)).toEqual(["Deployment api", AS_IT_RUNS]);
  });

  test("is judged by its own name if its owner is not there, is elsewhere or carries no pod", () => {
    const orphan = pod("a");
    expect(judged(orphan)).toEqual(["Pod a"]);
    const elsewhere = { ...set, metadata: { ...set.metadata, namespace: "tenant-globex" } };
    expect(judged(elsewhere, orphan)).toEqual(["Pod a", "ReplicaSet api-5d"]);
    const owner = object("Foo", "foo", undefined, {});
    expect(judged(owner, object("Pod", "b", owner, { spec: {} }))).toEqual(["Foo foo", "Pod b"]);
  });

  test("ends for objects that own each other", () => {
    const first = object("Pod", "a", pod("b"), { spec: {} });
    const second = object("Pod", "b", first, { spec: { hostNetwork: true } });
    expect(judged(first, second)).toHaveLength(2);
  });
});

describe("what Kubernetes adds to a pod", () => {
  test("is a StatefulSet's claim, and no other of that name", () => {
    const stateful = object("StatefulSet", "db", undefined, {
      spec: {
        template: { spec: { containers: [] } },
        volumeClaimTemplates: [{ metadata: { name: "data" } }],
      },
    });
    const member = (claimName: string) =>
      object("Pod", "db-0", stateful, {
        spec: { containers: [], volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] },
      });
    expect(judged(stateful, member("data-db-0"))).toEqual(["StatefulSet db"]);
    expect(judged(stateful, member("data-of-others"))).toContain(
      "StatefulSet tenant-acme/db, as it runs",
    );
  });

  test("is a DaemonSet's node", () => {
    const daemons = object("DaemonSet", "log", undefined, {
      spec: { template: { spec: { containers: [] } } },
    });
    const field = (key: string) => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key, operator: "In", values: ["node-1"] }] }],
        },
      },
    });
    const placed = (affinity: object) =>
      object("Pod", "log-x", daemons, { spec: { containers: [], affinity } });
    expect(judged(daemons, placed(field("metadata.name")))).toEqual(["DaemonSet log"]);
    expect(judged(daemons, placed(field("metadata.other")))).toHaveLength(2);
  });

  test("is the account's token if the template asks for one", () => {
    const asking = { spec: { containers: [{ name: "a" }] } };
    const owner = object("ReplicaSet", "x", undefined, { spec: { template: asking } });
    const mounted = object("Pod", "x-1", owner, {
      spec: {
        containers: [
          { name: "a", volumeMounts: [{ name: "kube-api-access-1", mountPath: "/var/run" }] },
        ],
        volumes: [{ name: "kube-api-access-1", projected: {} }],
      },
    });
    expect(judged(owner, mounted)).toEqual(["ReplicaSet x"]);
  });
});

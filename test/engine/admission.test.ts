import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { objectId } from "../../lib/kubernetes/object";
import { ADMISSION_RULES } from "../../lib/policy/admission/admission-rules";
import { policyName } from "../../lib/policy/admission/export";
import { planTenant } from "../../lib/tenant/plan";
import { changed, write } from "../policy/change";
import { compliantContainer, compliantTenant } from "../policy/compliant-objects";
import { workload } from "../policy/rule-cases";
import { admissible, asEphemeral, podSpecOf, WORKLOADS } from "./admission/admissible";
import { AdmissionServer, placeOf } from "./admission/admission-server";
import { Comparison } from "./admission/comparison";
import { crossNamespaceObjects, MORE_OBJECTS } from "./admission/more-objects";
import { HOME, Installation, TENANT } from "./admission/installation";
import { POD_CHANGES } from "./admission/pod-changes";
import { recordedCases } from "./admission/recorded-cases";
import type { RecordedCases } from "./admission/recorded-cases";
import { engine } from "./engine";

const server = new AdmissionServer(engine().bed.cluster);
const installation = new Installation(server);
let recorded: RecordedCases;

beforeAll(async () => {
  recorded = await recordedCases();
  await installation.prepare();
});
afterAll(async () => {
  await installation.remove();
  server.close();
});

/** Kinds of workload in turn: each case meets a Pod and one other, and all cases together every one. */
function* kindsInTurn(): Generator<readonly string[]> {
  const others = WORKLOADS.filter((kind) => kind !== "Pod");
  for (let turn = 0; ; turn += 1) yield ["Pod", others[turn % others.length]!];
}

/** A pod that is there, so that an ephemeral container can be added to it. */
function standingPod(): KubernetesObject {
  const pod = admissible(workload("Pod", [], []));
  const text = JSON.stringify({ ...pod, metadata: { ...pod.metadata, name: "standing" } });
  return JSON.parse(text.replaceAll("acme", TENANT)) as KubernetesObject;
}

describe("what the API server warns of is what the rules refuse", () => {
  beforeAll(() => installation.install(["Warn"]));

  const comparisons: Comparison[] = [];
  const compare = () => {
    const comparison = new Comparison(server);
    comparisons.push(comparison);
    return comparison;
  };

  test("of the pods of their own tests", async () => {
    const comparison = compare();
    const kinds = kindsInTurn();
    for (const { rule, cases } of recorded.pods) {
      for (const { title, set, besides = [] } of cases) {
        for (const kind of kinds.next().value as string[]) {
          const object = admissible(workload(kind, [], [...besides, ...set]));
          comparison.add(`${rule.id} ${title}, ${kind}`, object);
        }
      }
    }
    for (const { rule, cases } of recorded.containers) {
      for (const { title, set, besides = [] } of cases) {
        for (const role of ["containers", "initContainers"]) {
          for (const kind of kinds.next().value as string[]) {
            const object = admissible(workload(kind, ["spec", role, 1], [...besides, ...set]));
            comparison.add(`${rule.id} ${title}, ${role}, ${kind}`, object);
          }
        }
      }
    }
    expect(await comparison.differences()).toEqual([]);
  });

  test("of ephemeral containers, which come to a pod that runs", async () => {
    const comparison = compare();
    const pod = standingPod();
    expect(await server.create(pod)).toMatchObject({ status: 201 });
    for (const { rule, cases } of recorded.containers) {
      for (const { title, set, besides = [] } of cases) {
        const container = compliantContainer("second");
        for (const [path, value] of [...besides, ...set]) write(container, path, value);
        const object = structuredClone(pod);
        const kept = set.map(([[field]]) => field);
        podSpecOf(object)["ephemeralContainers"] = [asEphemeral(container, kept)];
        comparison.add(`${rule.id} ${title}, ephemeral`, object, (to, one) =>
          to.tryToReplace(one, "/ephemeralcontainers"),
        );
      }
    }
    expect(await comparison.differences()).toEqual([]);
    await server.remove(pod);
  });

  test("of 400 random pods, in every workload", async () => {
    const comparison = compare();
    fc.sample(POD_CHANGES, { numRuns: 400, seed: 7 }).forEach((set, index) => {
      const kind = WORKLOADS[index % WORKLOADS.length]!;
      comparison.add(`random ${kind} ${index}`, admissible(workload(kind, [], set)));
    });
    expect(await comparison.differences()).toEqual([]);
  });

  test("of the other objects of their own tests, and of more", async () => {
    const comparison = compare();
    for (const { rule, cases } of recorded.objects) {
      for (const { title, changes } of cases) {
        const objects = changed(compliantTenant(), changes);
        const touched = new Set(
          changes.flatMap((change) =>
            "add" in change ? objectId(change.add) : "set" in change ? change.set : [],
          ),
        );
        for (const object of objects) {
          if (touched.has(objectId(object))) comparison.add(`${rule.id} ${title}`, object);
        }
      }
    }
    for (const [title, object] of Object.entries(MORE_OBJECTS)) comparison.add(title, object);
    for (const { title, object } of crossNamespaceObjects()) comparison.add(title, object);
    expect(await comparison.differences()).toEqual([]);
  });

  test("and every rule of the export has refused something", () => {
    const refusing = new Set(comparisons.flatMap((comparison) => [...comparison.refusing]));
    const idle = ADMISSION_RULES.map(({ rule }) => rule.id).filter((id) => !refusing.has(id));
    expect(idle).toEqual([]);
  });
});

describe("the export", () => {
  beforeAll(() => installation.install(["Deny"]));

  test("has policies that the API server checks without a warning", async () => {
    const policies = await Promise.all(
      ADMISSION_RULES.map((admission) => installation.status(policyName(admission))),
    );
    expect(policies.map(({ typeChecking }) => typeChecking)).toEqual(policies.map(() => ({})));
  });

  test("lets in what this library makes for a tenant", async () => {
    const quota = { cpu: "8", memory: "16Gi" };
    const plan = planTenant({
      name: TENANT,
      region: "eu-west",
      cluster: "eu-prod",
      quota,
      platformNamespace: "atom-platform",
    });
    for (const object of plan.objects) {
      const verdict =
        object.kind === "Namespace"
          ? await server.tryToReplace(object)
          : await server.tryToCreate(object);
      expect({ id: objectId(object), ...verdict }).toMatchObject({ reason: "" });
    }
  });

  test("refuses with the rule, the place, and how to mend it", async () => {
    const pod = standingPod();
    write(pod, ["metadata", "annotations"], {});
    write(pod, ["spec", "containers", 1, "securityContext", "readOnlyRootFilesystem"], false);
    const { status, reason } = await server.tryToCreate(pod);
    expect({ status, reason }).toEqual({
      status: 403,
      reason:
        `pods "standing" is forbidden: ValidatingAdmissionPolicy 'atom-p1-pod-8' with binding 'atom-p1-pod-8' denied request: ` +
        "P1-POD-8: container second-containers: readOnlyRootFilesystem is not true. To mend it, " +
        "set readOnlyRootFilesystem: true, remove the socket and shareProcessNamespace, and mount secrets as files.",
    });
  });

  test("takes an update that leaves a broken object as it is, and no other", async () => {
    await installation.install(["Audit"]);
    const set = [[["spec", "template", "spec", "hostNetwork"], true]] as const;
    const broken = JSON.parse(
      JSON.stringify(admissible(workload("Deployment", [], set))).replaceAll("acme", TENANT),
    ) as KubernetesObject;
    expect(await server.create(broken)).toMatchObject({ status: 201 });
    await installation.install(["Deny"]);
    const patch = (body: object) => server.send("PATCH", `${placeOf(broken)}?dryRun=All`, body);
    expect(await patch({ metadata: { finalizers: ["atom.cloud/test"] } })).toMatchObject({
      status: 200,
    });
    expect(await patch({ spec: { replicas: 3 } })).toMatchObject({ status: 403 });
    expect(await server.remove(broken)).toMatchObject({ status: 200 });
  });

  test("does not let a namespace out of it", async () => {
    const patch = (labels: object) =>
      server.send("PATCH", `/api/v1/namespaces/${HOME}?dryRun=All`, { metadata: { labels } });
    expect(await patch({ "atom.cloud/tenant": null })).toMatchObject({ status: 403 });
    expect(await patch({ "atom.cloud/tenant": "globex" })).toMatchObject({ status: 403 });
    expect(await patch({ team: "blue" })).toMatchObject({ status: 403 });
  });

  test("looks at no other namespace", async () => {
    const pod = { ...standingPod(), metadata: { name: "x", namespace: "default" } };
    write(pod, ["spec", "serviceAccountName"], "default");
    expect(await server.tryToCreate(pod)).toMatchObject({ status: 201 });
  });

  test("lets the DaemonSet controller bind its pods to their nodes", async () => {
    const text = JSON.stringify(daemonSet()).replaceAll("acme", TENANT);
    const object = JSON.parse(text) as KubernetesObject;
    expect(await server.create(object)).toMatchObject({ status: 201, reason: "" });
    await expect.poll(() => installation.podsOf("api"), { timeout: 30_000 }).toBe(3);
    await server.remove(object);
  });
});

/** One that breaks no rule. */
function daemonSet(): KubernetesObject {
  const object = admissible(workload("DaemonSet", [], []));
  const annotations = {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": "8080",
    "prometheus.io/path": "/metrics",
  };
  write(object, ["spec", "template", "metadata", "annotations"], annotations);
  return object;
}

import { describe, expect, test } from "vitest";
import { expandList } from "../../../lib/kubernetes/expand-list";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p7Rule4, UNDO } from "../../../lib/policy/rules/p7-4";
import { ACME, PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith, graphWithObject, IMAGE } from "../small-objects";

const JOB = "Job tenant-acme/migrate";
const FIELD = `metadata.annotations["${UNDO}"]`;
const HOOK = 'metadata.annotations["helm.sh/hook"]';
const NOT_SET = "is not set; allowed is none, irreversible or CronJob/<name>";
const DELETES = "deletes a namespace or a volume, which no rollback brings back";

const metadata = (annotations: unknown = {}) =>
  ({ name: "x", namespace: "tenant-acme", annotations }) as never;

function withObject(object: KubernetesObject) {
  return graphWith(({ objects }) => objects.push(objectNode(object, ACME)));
}

function withUndo(undo: unknown) {
  return graphWithObject(AT.job, (object) => {
    object["metadata"]!["annotations"] = { [UNDO]: undo } as never;
  });
}

/** A Job's spec with one container in a list. */
function running(command: unknown, list = "containers", args?: unknown) {
  return {
    activeDeadlineSeconds: 60,
    template: { spec: { [list]: [{ name: "x", image: IMAGE, command, args }] } },
  };
}

const cronJob = (command: unknown, list?: string): KubernetesObject => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: metadata(),
  spec: { jobTemplate: { spec: running(command, list) } },
});

describe("P7-4", () => {
  test("looks at what runs once and at what holds data", () => {
    expectPass(p7Rule4, [
      { scope: PLATFORM, examined: 1 },
      { scope: ACME, examined: 4 },
    ]);
  });

  test.each([
    [undefined, NOT_SET],
    ["", 'is ""; allowed is none, irreversible or CronJob/<name>'],
    [true, "is true; allowed is none, irreversible or CronJob/<name>"],
    ["Job/down", 'is "Job/down"; allowed is none, irreversible or CronJob/<name>'],
    ["CronJob/down", 'names "CronJob/down", which is not in its namespace'],
  ])("fails for a Job whose undo is %j", (undo, message) => {
    expectFindings(withUndo(undo), p7Rule4, [{ object: JOB, field: FIELD, message }]);
  });

  test.each(["none", "irreversible"])("takes a Job whose undo is %s", (undo) => {
    expect(findingsOf(withUndo(undo), p7Rule4)).toEqual([]);
  });

  test("takes a Job that a CronJob of its namespace undoes, and none that is called so", () => {
    const undoneBy = (apiVersion: string) => {
      const graph = graphWith(({ objects }) => {
        const job = objects[AT.job]!.object as { metadata: { annotations?: unknown } };
        job.metadata.annotations = { [UNDO]: "CronJob/x" };
        objects.push(objectNode({ ...cronJob(["migrate", "down"]), apiVersion }, ACME));
      });
      return findingsOf(graph, p7Rule4).map(({ message }) => message);
    };
    expect(undoneBy("batch/v1")).toEqual([]);
    expect(undoneBy("example.com/v1")).toEqual([
      'names "CronJob/x", which is not in its namespace',
    ]);
  });

  test("leaves a Job alone that a CronJob made", () => {
    const graph = graphWithObject(AT.job, (object) => {
      object["metadata"] = {
        ...object["metadata"],
        ownerReferences: [{ kind: "CronJob" }],
      } as never;
      delete object["metadata"]["annotations"];
    });
    expect(findingsOf(graph, p7Rule4)).toEqual([]);
  });

  test.each([
    ["pre-upgrade", 1],
    ["test, post-rollback", 1],
    ["test", 0],
  ])("decides on a Pod that is the hook %s", (hook, count) => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: metadata({ "helm.sh/hook": hook }) };
    const graph = withObject({ ...pod, spec: { containers: [] } });
    expect(findingsOf(graph, p7Rule4).map(({ message }) => message)).toEqual(
      Array.from({ length: count }, () => NOT_SET),
    );
  });

  test.each(["Namespace", "PersistentVolumeClaim", "PersistentVolume", "StatefulSet"])(
    "fails for a %s that is a hook",
    (kind) => {
      const object = {
        apiVersion: "v1",
        kind,
        metadata: metadata({ "helm.sh/hook": "pre-install" }),
      };
      expect(findingsOf(withObject(object), p7Rule4)).toMatchObject([
        {
          object: `${kind} tenant-acme/x`,
          field: HOOK,
          message: "makes it a hook, which Helm deletes before it applies it anew",
        },
      ]);
    },
  );

  test.each(["whenDeleted", "whenScaled"])("fails for volumes that go %s", (event) => {
    const graph = graphWithObject(AT.statefulSet, (object) => {
      object["spec"]!["persistentVolumeClaimRetentionPolicy"] = { [event]: "Delete" } as never;
    });
    expectFindings(graph, p7Rule4, [
      {
        object: "StatefulSet tenant-acme/store",
        field: `spec.persistentVolumeClaimRetentionPolicy.${event}`,
        message: 'is "Delete", which deletes volumes; allowed is Retain',
      },
    ]);
  });

  test.each([
    [["kubectl", "delete", "pvc", "data"]],
    [["kubectl", "delete", "namespaces/tenant-acme"]],
    [["sh", "-c", "set -e\nkubectl -n x delete --all persistentvolumeclaims"]],
  ])("fails for the command %j, wherever it hides", (command) => {
    const job = (list: string): KubernetesObject => {
      const annotated = metadata({ [UNDO]: "irreversible" });
      return {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: annotated,
        spec: running(command, list),
      };
    };
    const hidden = [
      [job("containers"), "spec.template.spec.containers[0]"],
      [job("initContainers"), "spec.template.spec.initContainers[0]"],
      [cronJob(command), "spec.jobTemplate.spec.template.spec.containers[0]"],
    ] as const;
    for (const [object, field] of hidden) {
      const list = { apiVersion: "v1", kind: "List", metadata: { name: "x" }, items: [object] };
      for (const one of [object, ...expandList(list)]) {
        expect(findingsOf(withObject(one), p7Rule4)).toMatchObject([
          { object: `${object.kind} tenant-acme/x`, field, message: DELETES },
        ]);
      }
    }
  });

  test.each([
    [["kubectl", "delete", "pod", "x"]],
    [["psql", "-c", "delete from t; select ns"]],
    [[]],
  ])("takes the command %j", (command) => {
    expect(findingsOf(withObject(cronJob(command)), p7Rule4)).toEqual([]);
  });

  test("fails for a command whose words are in its arguments", () => {
    const spec = {
      jobTemplate: { spec: running(["kubectl", "delete"], "containers", ["pv/data"]) },
    };
    const object = { ...cronJob([]), spec };
    expect(findingsOf(withObject(object), p7Rule4)).toMatchObject([{ message: DELETES }]);
  });

  test("S6 fails for what is not known yet, and hides no other finding", () => {
    expect(findingsOf(withUndo(UNKNOWN), p7Rule4)).toMatchObject([
      { object: JOB, cause: "undecided", field: FIELD },
    ]);
    const graph = graphWithObject(AT.job, (object) => {
      object["spec"] = running(UNKNOWN) as never;
      delete object["metadata"]!["annotations"];
    });
    expect(findingsOf(graph, p7Rule4)).toMatchObject([
      { object: JOB, cause: "violation", field: FIELD },
      { object: JOB, cause: "undecided", field: "spec.template.spec.containers[0].command" },
    ]);
  });

  test.each(HOSTILE.filter((value) => value !== null))("does not crash for %s", (value) => {
    for (const field of ["metadata", "spec"]) {
      const graph = graphWithObject(AT.job, (object) => (object[field] = value as never));
      const causes = findingsOf(graph, p7Rule4).map(({ cause }) => cause);
      expect(causes.length).toBeGreaterThan(0);
      expect(causes).not.toContain("error");
    }
  });
});

import { expect, test } from "vitest";

import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { p1Pod6 } from "../../../lib/policy/rules/p1-pod-6";
import { graphOf } from "../compliant-objects";
import { describeContainerCases, describePodCases, workload } from "../rule-cases";

const CONTEXT = "securityContext";
const POD = ["spec", CONTEXT, "runAsNonRoot"];
const CONTAINER = [CONTEXT, "runAsNonRoot"];
const LISTS = ["containers", "initContainers", "ephemeralContainers"];
const ALL = LISTS.flatMap((list) => [0, 1].map((index) => ["spec", list, index]));

const nonRoot = (value: string, at = "") => ({
  field: `${at}.securityContext.runAsNonRoot`,
  message: `runAsNonRoot is ${value}; allowed is true`,
});
const user = (value: string, at = "") => ({
  field: `${at}.securityContext.runAsUser`,
  message: `runAsUser is ${value}; allowed is any number but 0`,
});

describeContainerCases(p1Pod6, [
  { title: "passes a user of its own", set: [[[CONTEXT, "runAsUser"], 70000]], findings: [] },
  {
    title: "fails a container's false over the pod's true",
    set: [[CONTAINER, false]],
    findings: [nonRoot("false")],
  },
  { title: "fails user 0", set: [[[CONTEXT, "runAsUser"], 0]], findings: [user("0")] },
  {
    title: "fails user 0 as a text",
    set: [[[CONTEXT, "runAsUser"], "0"]],
    findings: [user('"0"')],
  },
]);

describePodCases(p1Pod6, [
  {
    title: "passes a pod that leaves it to its containers, and each says true",
    set: [[POD, undefined], ...ALL.map((place) => [[...place, ...CONTAINER], true] as const)],
    findings: [],
  },
  {
    title: "fails each container that says nothing where the pod says nothing",
    set: [[POD, undefined], ...ALL.slice(1).map((p) => [[...p, ...CONTAINER], true] as const)],
    findings: [nonRoot("not set", ".spec.containers[0]")],
  },
  {
    title: "fails a pod's false once, and not each container below it",
    set: [[POD, false]],
    findings: [nonRoot("false", ".spec")],
  },
  {
    title: "fails a pod's false even if every container says true",
    set: [[POD, false], ...ALL.map((place) => [[...place, ...CONTAINER], true] as const)],
    findings: [nonRoot("false", ".spec")],
  },
  {
    title: "fails a pod's user 0",
    set: [[["spec", CONTEXT, "runAsUser"], 0]],
    findings: [user("0", ".spec")],
  },
  {
    title: "fails a Windows pod as well: it may say runAsNonRoot",
    besides: [[["spec", "os"], { name: "windows" }]],
    set: [[POD, false]],
    findings: [nonRoot("false", ".spec")],
  },
]);

test("P1-POD-6 passes root in a pod with users of its own, whatever its namespace pins", () => {
  const pod = workload(
    "Pod",
    [],
    [
      [["spec", "hostUsers"], false],
      [POD, false],
      [["spec", CONTEXT, "runAsUser"], 0],
      [["spec", "containers", 0, CONTEXT, "runAsUser"], 0],
    ],
  );
  const [result] = evaluate(graphOf([pod]), [p1Pod6]);
  expect(result?.findings).toEqual([]);
});

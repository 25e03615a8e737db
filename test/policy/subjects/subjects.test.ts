import { describe, expect, test } from "vitest";

import { containers, objects, pods } from "../../../lib/policy/subjects/subjects";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { write } from "../change";
import { graphOf } from "../compliant-objects";
import { workload } from "../rule-cases";

const OTHER = workload("Deployment", [], []);
const found = (object: unknown) => {
  const graph = graphOf([object as never, OTHER]);
  const brief = (subject: { object: string; field: string; failure?: Error }) => [
    subject.object,
    subject.field,
    subject.failure?.message,
  ];
  return { pods: pods(graph).map(brief), containers: containers(graph).map(brief) };
};
const DEPLOYMENT = ["Deployment tenant-acme/x", "spec.template", undefined];
const CONTAINERS = ["initContainers", "containers", "ephemeralContainers"].flatMap((role) =>
  [0, 1].map((index) => [
    "Deployment tenant-acme/x",
    `spec.template.spec.${role}[${index}]`,
    undefined,
  ]),
);

describe("hostile objects hide no other", () => {
  test.each<[string, unknown, string, string]>([
    ["null", null, "? ?", "is no object"],
    ["a text", "x", "? ?", "is no object"],
    ["an unknown", UNKNOWN, "? ?", "value is not known yet"],
    ["no kind", { metadata: { name: "x" } }, "? x", "is no text"],
    ["a kind that is unknown", { kind: UNKNOWN }, "? ?", "kind is not known yet"],
    ["a pod without spec", { kind: "Pod", metadata: null }, "Pod ?", "carries no pod"],
    ["a spec that is a text", { kind: "Pod", spec: "x" }, "Pod ?", "carries no pod"],
    [
      "a template that is null",
      { kind: "Job", spec: { template: null } },
      "Job ?",
      "carries no pod",
    ],
    [
      "a template that is unknown",
      { kind: "Job", spec: { template: UNKNOWN } },
      "Job ?",
      "spec.template is not known yet",
    ],
    [
      "a list that nobody expanded",
      { kind: "PodList", items: [] },
      "PodList ?",
      "is a list that nobody expanded",
    ],
  ])("%s stands for its pods and containers", (_, object, id, message) => {
    expect(found(object)).toEqual({
      pods: [[id, "", message], DEPLOYMENT],
      containers: [[id, "", message], ...CONTAINERS],
    });
  });

  test.each<[string, unknown, (string | undefined)[][]]>([
    ["no containers", undefined, []],
    ["a text", "x", [["Pod ?", "", "is no list"]]],
    ["an object", {}, [["Pod ?", "", "is no list"]]],
    ["an unknown", UNKNOWN, [["Pod ?", "", "spec.containers is not known yet"]]],
    [
      "a null, an unknown and a good one",
      [null, UNKNOWN, { name: "a" }],
      [
        ["Pod ?", "", "is no object"],
        ["Pod ?", "", "spec.containers[1] is not known yet"],
        ["Pod ?", "spec.containers[2]", undefined],
      ],
    ],
  ])("containers that are %s", (_, list, expected) => {
    const pod = { kind: "Pod", spec: { containers: list } };
    expect(found(pod).containers).toEqual([...expected, ...CONTAINERS]);
  });
});

test("a Rollout that points at a Deployment carries no pod of its own", () => {
  const rollout = { kind: "Rollout", spec: { workloadRef: { kind: "Deployment", name: "x" } } };
  expect(found(rollout).pods).toEqual([DEPLOYMENT]);
});

test("unknown values do not stop the look at what is known beside them", () => {
  const pod = workload("Pod", [], []);
  write(pod, ["spec", "containers", 0, "image"], UNKNOWN);
  const [first] = containers(graphOf([pod])).filter(({ slot }) => slot.role === "containers");
  expect(first!.container.name).toBe("api");
  expect(() => first!.container.image).toThrow("spec.containers[0].image is not known yet");
});

test("the same graph is looked through once", () => {
  const graph = graphOf([OTHER]);
  expect(containers(graph)[0]).toBe(containers(graph)[0]);
  expect(objects(graph)[0]).toBe(objects(graph)[0]);
});

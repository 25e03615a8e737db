import { expect, test } from "vitest";
import { applyStages } from "../../lib/kubernetes/apply-order";
import type { KubernetesObject } from "../../lib/kubernetes/object";

function object(kind: string, name: string): KubernetesObject {
  return { apiVersion: "v1", kind, metadata: { name } };
}

test("a namespace comes first, then policy, configuration, workloads and ingress", () => {
  const stages = applyStages([
    object("Ingress", "web"),
    object("Deployment", "web"),
    object("ConfigMap", "web"),
    object("NetworkPolicy", "deny"),
    object("Namespace", "own"),
  ]);
  expect(stages.map((stage) => stage.map(({ kind }) => kind))).toEqual([
    ["Namespace"],
    ["NetworkPolicy"],
    ["ConfigMap"],
    ["Deployment"],
    ["Ingress"],
  ]);
});

test("inside a stage the given order stays, and a kind of no stage comes with the workloads", () => {
  const stages = applyStages([
    object("Widget", "b"),
    object("Service", "a"),
    object("Widget", "a"),
  ]);
  expect(
    stages.map((stage) => stage.map(({ kind, metadata }) => `${kind} ${metadata.name}`)),
  ).toEqual([["Widget b", "Service a", "Widget a"]]);
});

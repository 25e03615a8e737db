import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { graphFromManifests } from "../../../lib/policy/graph/graph-from-manifests";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p5Rule7 } from "../../../lib/policy/rules/p5-7";

function found(...objects: readonly unknown[]): string[] {
  return evaluate(graphFromManifests(objects), [p5Rule7]).flatMap(({ findings }) =>
    findings.map(({ object, message }) => `${object} ${message}`),
  );
}

const policy = (name: unknown, namespace: string | undefined = "tenant-acme", version = "v1") =>
  ({
    apiVersion: `networking.k8s.io/${version}`,
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec: {},
  }) as unknown as KubernetesObject;

describe("P5-7", () => {
  test("fails each of two objects of one name, whatever their versions", () => {
    const finding = "NetworkPolicy tenant-acme/deny is the name of 2 objects of this kind";
    expect(found(policy("deny"), policy("deny", "tenant-acme", "v1beta1"))).toEqual([
      finding,
      finding,
    ]);
  });

  test("passes one name in two namespaces, two names, and two groups", () => {
    const other = { ...policy("deny"), apiVersion: "crd.projectcalico.org/v1" };
    expect(found(policy("deny"), policy("deny", "tenant-b"), policy("allow"), other)).toEqual([]);
  });

  test("leaves Namespaces to P5-1, and passes names that the API server makes", () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } };
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { generateName: "a-", namespace: "a" },
    };
    expect(found(namespace, namespace, job, job)).toEqual([]);
  });

  test("S6 a name that is not known is undecided", () => {
    expect(found(policy(UNKNOWN), policy("deny"))).toEqual([
      "NetworkPolicy tenant-acme/document-1 cannot be decided: metadata.name is not known yet",
    ]);
  });
});

import { describe, expect, test } from "vitest";
import {
  graphFromManifests,
  graphFromResources,
} from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p5Rule6 } from "../../../lib/policy/rules/p5-6";
import { ACME } from "../compliant-facts";
import { compliantTenant } from "../compliant-objects";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith, graphWithObject } from "../small-objects";

const NAMESPACE = "Namespace tenant-acme";
const HELM = { labels: { "app.kubernetes.io/managed-by": "Helm" } };
const ARGO = { annotations: { "argocd.argoproj.io/tracking-id": "acme:/Namespace:x/tenant-acme" } };
const FLUX = { labels: { "kustomize.toolkit.fluxcd.io/name": "acme" } };

interface Marks {
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** A tenant's plain manifests, with marks on its namespace. */
function applied(...marks: readonly Marks[]) {
  const objects = compliantTenant().map((object) => {
    if (object.kind !== "Namespace") return object;
    const all = (of: "labels" | "annotations") =>
      Object.fromEntries(marks.flatMap((one) => Object.entries(one[of] ?? {})));
    const labels = { ...object.metadata.labels, ...all("labels") };
    const annotations = all("annotations");
    return { ...object, metadata: { ...object.metadata, labels, annotations } };
  });
  return graphFromManifests(objects);
}

const found = (...marks: readonly Marks[]) =>
  findingsOf(applied(...marks), p5Rule6).map(({ field, message }) => `${field} ${message}`);
const annotated = (key: string, value: unknown): Marks => ({ annotations: { [key]: value } });

describe("P5-6", () => {
  test("looks at each namespace of a tenant", () => {
    expectPass(p5Rule6, [{ scope: ACME, examined: 1 }]);
  });

  test("fails for a namespace that the engine may delete", () => {
    const graph = graphWith(({ objects }) => {
      objects[AT.namespace] = { ...objects[AT.namespace]!, protect: false };
    });
    expectFindings(graph, p5Rule6, [
      {
        object: NAMESPACE,
        message: "is not protected: its stack deletes it, and replaces it when it is renamed",
      },
    ]);
  });

  test("takes the protection of the resource that an object comes from", () => {
    const [namespace] = compliantTenant();
    const resource = (protect: boolean) => ({
      ...{ type: "kubernetes:core/v1:Namespace", name: "acme", urn: "urn" },
      ...{ inputs: { ...namespace }, dependencies: [], protect },
    });
    expect(findingsOf(graphFromResources([resource(true)]), p5Rule6)).toEqual([]);
    expect(findingsOf(graphFromResources([resource(false)]), p5Rule6)).toHaveLength(1);
  });

  test("S6 keeps the protection of a namespace that is not known as a whole", () => {
    const [namespace] = compliantTenant();
    const metadata = { ...namespace!.metadata, annotations: { owner: UNKNOWN } };
    const resource = (protect: boolean) => ({
      ...{ type: "kubernetes:core/v1:Namespace", name: "acme", urn: "urn" },
      ...{ inputs: { ...namespace, metadata }, dependencies: [], protect },
    });
    expect(findingsOf(graphFromResources([resource(true)]), p5Rule6)).toEqual([]);
    expect(findingsOf(graphFromResources([resource(false)]), p5Rule6)).toHaveLength(1);
  });

  test("has nothing to say on manifests that nobody marked as its own", () => {
    expect(found()).toEqual([]);
    expect(found({ labels: { "app.kubernetes.io/managed-by": "kustomize" } })).toEqual([]);
  });

  test.each([
    [HELM, "helm.sh/resource-policy", ["keep"], [undefined, "Keep", "delete", true]],
    [
      ARGO,
      "argocd.argoproj.io/sync-options",
      ["Prune=false,Delete=false", "Delete=confirm, Replace=true, Prune=confirm"],
      [undefined, "Prune=false", "Delete=false", "Prune=true,Delete=false", "", 1],
    ],
    [FLUX, "kustomize.toolkit.fluxcd.io/prune", ["disabled"], [undefined, "enabled", false]],
  ])("asks %j for the annotation %s", (mark, key, good, bad) => {
    for (const value of good) expect(found(mark, annotated(key, value))).toEqual([]);
    for (const value of bad) expect(found(mark, annotated(key, value))).toHaveLength(1);
  });

  test("names who deletes it, and what keeps it", () => {
    expect(found(HELM, FLUX, annotated("helm.sh/resource-policy", "none"))).toEqual([
      'metadata.annotations["helm.sh/resource-policy"] is "none", so Helm deletes it; allowed is keep',
      'metadata.annotations["kustomize.toolkit.fluxcd.io/prune"] is not set, so Flux deletes it; allowed is disabled',
    ]);
  });

  test("S6 fails for marks that are not known yet", () => {
    const labels = { "app.kubernetes.io/managed-by": UNKNOWN };
    expect(findingsOf(applied({ labels }), p5Rule6)).toMatchObject([{ cause: "undecided" }]);
  });

  test.each(HOSTILE)("does not crash for annotations that are %s", (annotations) => {
    const graph = graphWithObject(AT.namespace, (object) => {
      object["metadata"]!["annotations"] = annotations as never;
    });
    expect(findingsOf(graph, p5Rule6)).toEqual([]);
    const plain = graphFromManifests(
      compliantTenant().map((object) => {
        if (object.kind !== "Namespace") return object;
        const labels = { ...object.metadata.labels, ...HELM.labels };
        return { ...object, metadata: { ...object.metadata, labels, annotations } };
      }),
    );
    expect(findingsOf(plain, p5Rule6)).toHaveLength(1);
  });
});

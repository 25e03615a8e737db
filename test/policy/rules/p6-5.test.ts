import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { DEPENDS_ON } from "../../../lib/policy/provisioning/declared-dependencies";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p6Rule5 } from "../../../lib/policy/rules/p6-5";
import { ACME } from "../compliant-facts";
import { expectFindings, findingsOf, HOSTILE } from "../rule-harness";
import type { Tree } from "../small-objects";
import { AT, graphWith } from "../small-objects";

const FIELD = `metadata.annotations["${DEPENDS_ON}"]`;
const API = "apps/namespaces/tenant-acme/Deployment/api";
const STORE = "apps/namespaces/tenant-acme/StatefulSet/store";
const JOB = "batch/namespaces/tenant-acme/Job/migrate";

/** The compliant graph with what some of its objects say that they wait for. */
function waiting(annotations: Partial<Record<keyof typeof AT, unknown>>) {
  return graphWith(({ objects }) => {
    for (const [at, value] of Object.entries(annotations)) {
      const object = objects[AT[at as keyof typeof AT]]!.object as unknown as Tree;
      const annotations = { ...object["metadata"]!["annotations"] };
      object["metadata"]!["annotations"] = { ...annotations, [DEPENDS_ON]: value } as never;
    }
  });
}

describe("P6-5", () => {
  test("looks at what declares dependencies", () => {
    const graph = waiting({
      deployment: `${STORE}, ${JOB}`,
      statefulSet: "/Namespace/tenant-acme",
    });
    expect(evaluate(graph, [p6Rule5])).toEqual([
      { rule: "P6-5", scope: ACME, examined: 2, findings: [] },
    ]);
  });

  test("fails for an object that waits for itself", () => {
    expectFindings(waiting({ deployment: API }), p6Rule5, [
      {
        object: "Deployment tenant-acme/api",
        field: FIELD,
        message: "is never applied: it waits for Deployment tenant-acme/api",
      },
    ]);
  });

  test("fails for each object of a circle, and for what waits for it", () => {
    const graph = waiting({ deployment: STORE, statefulSet: API, job: STORE });
    const waits = "is never applied: it waits for";
    const [api, store] = ["Deployment tenant-acme/api", "StatefulSet tenant-acme/store"];
    expectFindings(graph, p6Rule5, [
      { object: api, field: FIELD, message: `${waits} ${store}, that for ${api}` },
      { object: store, field: FIELD, message: `${waits} ${api}, that for ${store}` },
      {
        object: "Job tenant-acme/migrate",
        field: FIELD,
        message: `${waits} ${store}, that for ${api}, that for ${store}`,
      },
    ]);
  });

  test("fails for what waits for a circle and for something else", () => {
    const graph = waiting({
      service: "/Namespace/tenant-acme",
      deployment: API,
      statefulSet: `/namespaces/tenant-acme/Service/store,${API}`,
    });
    expect(findingsOf(graph, p6Rule5).map(({ object }) => object)).toEqual([
      "Deployment tenant-acme/api",
      "StatefulSet tenant-acme/store",
    ]);
  });

  test("fails for a namespace that waits for what lies in it", () => {
    expectFindings(waiting({ namespace: API }), p6Rule5, [
      {
        object: "Namespace tenant-acme",
        field: FIELD,
        message: "waits for Deployment tenant-acme/api, which is applied in a later stage",
      },
    ]);
  });

  test.each([
    "apps/namespaces/tenant-acme/Deployment/other",
    "apps/namespaces/tenant-other/Deployment/api",
    "other/namespaces/tenant-acme/Deployment/api",
  ])("takes what is not in the graph: %s", (reference) => {
    expect(findingsOf(waiting({ deployment: reference }), p6Rule5)).toEqual([]);
  });

  test.each(["", "api", `${API},`, "Deployment tenant-acme/api", 5, true, UNKNOWN, {}, []])(
    "S6 fails for what is no list of references: %s",
    (annotation) => {
      const graph = waiting({ deployment: annotation, statefulSet: STORE });
      expect(findingsOf(graph, p6Rule5)).toMatchObject([
        { object: "Deployment tenant-acme/api", cause: "undecided", field: FIELD },
        { object: "StatefulSet tenant-acme/store", cause: "violation", field: FIELD },
      ]);
    },
  );

  test.each(HOSTILE.filter((value) => value !== null))(
    "does not crash for metadata %s",
    (value) => {
      const graph = graphWith(({ objects }) => {
        (objects[AT.deployment]!.object as unknown as Tree)["metadata"] = value as never;
      });
      expect(findingsOf(graph, p6Rule5).map(({ cause }) => cause)).not.toContain("error");
    },
  );
});

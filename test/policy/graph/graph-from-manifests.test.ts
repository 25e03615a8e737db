import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { graphFromManifests } from "../../../lib/policy/graph/graph-from-manifests";
import { ALL_RULES } from "../../../lib/policy/rules";
import { HOSTILE } from "../rule-harness";
import { deployment, namespace } from "../small-objects";

const EU = { cluster: "eu-prod" };
const ACME = { cluster: "eu-prod", tenant: "acme" };

describe("graphFromManifests", () => {
  test("tells whose an object is by its namespace's label", () => {
    const labels = { "atom.cloud/tenant": "acme", "atom.cloud/role": "tenant" };
    const graph = graphFromManifests(
      [
        deployment("api", "tenant-acme"),
        null,
        { apiVersion: "v1", kind: "List", items: [namespace("tenant-acme", labels)] },
        deployment("web", "elsewhere"),
      ],
      { cluster: "eu-prod" },
    );
    expect(graph.objects.map(({ id, scope }) => [id, scope])).toEqual([
      ["Deployment tenant-acme/api", ACME],
      ["Namespace tenant-acme", ACME],
      ["Deployment elsewhere/web", EU],
    ]);
    expect({ clusters: graph.clusters, tenants: graph.tenants }).toEqual({
      clusters: ["eu-prod"],
      tenants: [],
    });
  });

  test.each([...HOSTILE.filter((value) => value !== null), [{ kind: "Pod" }], { kind: 7 }])(
    "fails, and does not crash, for the document %s",
    (document) => {
      const findings = evaluate(graphFromManifests([document]), ALL_RULES).flatMap(
        (result) => result.findings,
      );
      expect(findings.length).toBeGreaterThan(0);
    },
  );
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { evaluate, violationsOf } from "../../../lib/policy/evaluation/evaluate";
import { objectNode, ResourceGraph } from "../../../lib/policy/graph/graph";
import { defineRule } from "../../../lib/policy/evaluation/rule";
import type { AnyRule, Rule } from "../../../lib/policy/evaluation/rule";
import { P1_RULES } from "../../../lib/policy/rules/p1";
import { objectsOfKind } from "../../../lib/policy/subjects/subjects";
import type { ObjectSubject } from "../../../lib/policy/subjects/subjects";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { write } from "../change";
import type { Path } from "../change";
import { clusterRoleBinding } from "../cluster-role-binding";
import { compliantFacts } from "../compliant-facts";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { findingsOf, workload } from "../rule-cases";

const SECRET = "hunter2-canary";

function ruleOf(parts: Partial<Rule<ObjectSubject>>): AnyRule {
  return defineRule<ObjectSubject>({
    id: "P1-TEST-1",
    policy: "P1",
    severity: "low",
    title: "nothing",
    why: "a test",
    remediation: "do better",
    source: "this test",
    subjects: (graph) => objectsOfKind(graph, "Service"),
    check: () => undefined,
    ...parts,
  });
}

const service = (name: string, more = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  ...more,
});
const finding = (object: string, cause: string, field: string, message: string) => ({
  rule: "P1-TEST-1",
  policy: "P1",
  severity: "low",
  cause,
  scope: { cluster: "eu-prod" },
  object,
  field,
  message,
  remediation: "do better",
});

describe("evaluate", () => {
  test("counts what was looked at, by scope; no subject is not applicable", () => {
    const platform = objectNode(service("a"), scopeOfTenant());
    const graph = graphOf([service("b"), service("c")], "acme", { objects: [platform] });
    expect(evaluate(graph, [ruleOf({})])).toEqual([
      { rule: "P1-TEST-1", scope: scopeOfTenant("acme"), examined: 2, findings: [] },
      { rule: "P1-TEST-1", scope: scopeOfTenant(), examined: 1, findings: [] },
    ]);
    expect(evaluate(graphOf([]), [ruleOf({})])).toEqual([]);
  });

  test("S5 fails the one subject on which a rule throws, and keeps what it said before", () => {
    const rule = ruleOf({
      check({ object }, report) {
        report(".spec", "is bad");
        if (object === "Service a") throw new TypeError(SECRET);
      },
    });
    const findings = violationsOf(graphOf([service("a"), service("b")]), [rule]);
    expect(findings).toEqual([
      finding("Service a", "violation", "spec", "is bad"),
      finding("Service a", "error", "", "the rule failed (TypeError)"),
      finding("Service b", "violation", "spec", "is bad"),
    ]);
    expect(JSON.stringify(findings)).not.toContain(SECRET);
  });

  test("S5 fails every cluster where a rule cannot even enumerate, after what it found", () => {
    const rule = ruleOf({
      *subjects(graph) {
        yield* objectsOfKind(graph, "Service");
        throw new Error(SECRET);
      },
      check(_, report) {
        report("", "is bad");
      },
    });
    const findings = violationsOf(graphOf([service("a")]), [rule]);
    expect(findings).toEqual([
      finding("Service a", "violation", "", "is bad"),
      finding("cluster eu-prod", "error", "", "the rule failed (Error)"),
    ]);
    expect(JSON.stringify(findings)).not.toContain(SECRET);
  });

  test("S5 fails once even in a graph that names no cluster", () => {
    const rule = ruleOf({
      subjects: () => {
        throw new Error(SECRET);
      },
    });
    expect(violationsOf(new ResourceGraph({}), [rule])).toEqual([
      {
        ...finding("cluster unknown", "error", "", "the rule failed (Error)"),
        scope: { cluster: "unknown" },
      },
    ]);
  });

  test.each<[string, () => unknown]>([
    ["nonsense", () => 7],
    ["a promise", () => Promise.resolve()],
    ["violations that somebody has to fetch", () => [][Symbol.iterator]()],
  ])("S5 fails a rule that answers with %s instead of reporting", (_, check) => {
    expect(violationsOf(graphOf([service("a")]), [ruleOf({ check: check as never })])).toEqual([
      finding("Service a", "error", "", "the rule failed (TypeError)"),
    ]);
  });

  test("S6 says which unknown a rule read", () => {
    const rule = ruleOf({
      check({ node }, report) {
        const spec = node.object["spec"] as { type?: string };
        if (spec.type === "NodePort") report(".spec.type", "is NodePort");
      },
    });
    const graph = graphOf([service("a", { spec: { type: UNKNOWN } })]);
    expect(violationsOf(graph, [rule])).toEqual([
      finding(
        "Service a",
        "undecided",
        "spec.type",
        "cannot be decided: spec.type is not known yet",
      ),
    ]);
  });
});

describe("all P1 rules", () => {
  test("a compliant tenant has no finding, and every rule looked at something", () => {
    const { vaultPolicies, vaultRoles } = compliantFacts();
    const objects = compliantTenant().map((object) => objectNode(object, scopeOfTenant("acme")));
    objects.push(objectNode(clusterRoleBinding("operators", "operators"), scopeOfTenant()));
    const graph = new ResourceGraph({ objects, vaultPolicies, vaultRoles });
    const results = evaluate(graph, P1_RULES);
    expect(results.flatMap(({ findings }) => findings)).toEqual([]);
    expect(results.map(({ rule }) => rule)).toEqual(P1_RULES.map(({ id }) => id));
    expect(results.every(({ examined }) => examined > 0)).toBe(true);
  });

  test("every rule bears its own id and says what it checks, why and what to do", () => {
    expect(new Set(P1_RULES.map(({ id }) => id)).size).toBe(P1_RULES.length);
    for (const { id, policy, title, why, remediation, source } of P1_RULES) {
      expect(id.startsWith("P1-")).toBe(true);
      expect(policy).toBe("P1");
      for (const text of [title, why, remediation, source]) {
        expect(text).not.toBe("");
        expect(text.endsWith(".")).toBe(false);
      }
    }
  });

  const JUNK = [null, "x", 0, -1, true, [], [null], {}, [[]], { a: null }, UNKNOWN, undefined];
  const places = compliantTenant().flatMap((object, index) =>
    pathsIn(object).map((path) => ({ index, path })),
  );

  test("S6 junk anywhere never crashes, never is an error, and hides nothing in other objects", () => {
    const privileged = workload("CronJob", [], [[["spec", "hostPID"], true]]);
    const caught = findingsOf(graphOf([...compliantTenant(), privileged], "acme"));
    expect(caught.map(({ rule }) => rule)).toEqual(["P1-POD-2"]);
    const property = fc.property(
      fc.array(fc.tuple(fc.constantFrom(...places), fc.constantFrom(...JUNK)), {
        minLength: 1,
        maxLength: 3,
      }),
      (changes) => {
        const objects = compliantTenant();
        for (const [{ index, path }, junk] of changes) {
          // A later change may lie within this one's value: no run may leave its traces in the next.
          overwrite(objects[index], path, junk === UNKNOWN ? junk : structuredClone(junk));
        }
        const findings = findingsOf(graphOf([...objects, privileged], "acme"));
        expect(findings).toEqual(expect.arrayContaining(caught));
        expect(findings.filter(({ cause }) => cause === "error")).toEqual([]);
      },
    );
    fc.assert(property, { numRuns: 1500 });
  });

  test("no message repeats a value of the environment or of a secret", () => {
    const objects = compliantTenant();
    const pod = workload(
      "Pod",
      ["spec", "containers", 0],
      [
        [["env"], [{ name: "PASSWORD", value: SECRET }, null]],
        [["args"], [SECRET]],
        [["securityContext"], SECRET],
      ],
    );
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "tenant-acme" },
      stringData: { password: SECRET },
    };
    const findings = findingsOf(graphOf([...objects, pod, secret], "acme"));
    expect(findings.length).toBeGreaterThan(0);
    expect(JSON.stringify(findings)).not.toContain(SECRET);
  });
});

/** Every path inside a value, of objects and lists as well as of leaves. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return path.length > 0 ? [path] : [];
  const inside = Object.entries(value).flatMap(([key, member]) =>
    pathsIn(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length > 0 ? [path, ...inside] : inside;
}

/** Writes junk where an earlier junk may have taken the way away. */
function overwrite(object: unknown, path: Path, junk: unknown): void {
  try {
    write(object, path, junk);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

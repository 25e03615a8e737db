import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { evaluate } from "../../lib/policy/evaluation/evaluate";
import { graphFromManifests } from "../../lib/policy/graph/graph-from-manifests";
import { policyMatrix } from "../../lib/policy/matrix";
import { ALL_RULES } from "../../lib/policy/rules";
import { formatAudit } from "../../lib/report/audit-format";
import { AUDIT_FORMATS } from "../../lib/report/audit-report";
import { findingsTable } from "../../lib/report/audit-table";
import { policyMonitorPage } from "../../lib/report/policy-report";
import { write } from "./change";
import type { Path } from "./change";
import { graphOfExample, readRuleExample } from "./rule-example";

/** What a text becomes if somebody writes a secret into it. */
const FORMS: readonly ((secret: string, text: string) => string)[] = [
  (secret, text) => `user:${secret}@registry.example/${text}`,
  (secret, text) => `${secret}@registry.example/${text}`,
  (secret, text) => `https://user:${secret}@host.example/${text}`,
  (secret, text) => `${text}?token=${secret}`,
  (secret) => `ghp_${secret}${"a".repeat(36)}`,
];

/** A text of an example's objects, wherever it is. */
interface Place {
  readonly objects: readonly KubernetesObject[];
  readonly path: Path;
  readonly text: string;
}

/**
 * A name is no secret: whoever may list objects sees it, and a finding that did not tell it would speak
 * of no object, or of two at once.
 */
const NAMES = /^(?:kind|metadata\.(?:name|namespace|labels\.atom\.cloud\/tenant))$/;

/** Every text in the bad manifests of every rule, but what names an object, its namespace and its tenant. */
const PLACES: readonly Place[] = ALL_RULES.filter(
  ({ id }) => readRuleExample(id).kind === ".yaml",
).flatMap(({ id }) => {
  const objects = graphOfExample(id, "bad").objects.map(({ object }) => object);
  return textsIn(objects)
    .filter(([[, ...path]]) => !NAMES.test(path.join(".")))
    .map(([path, text]) => ({ objects, path, text }));
});

function textsIn(value: unknown, path: Path = []): [Path, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    textsIn(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function audited(objects: readonly KubernetesObject[]) {
  const graph = graphFromManifests(objects, { plain: true });
  return { graph, results: evaluate(graph, ALL_RULES) };
}

function withText({ objects, path }: Place, text: string): readonly KubernetesObject[] {
  const copy = structuredClone([...objects]);
  write(copy, path, text);
  return copy;
}

/** All that an audit of objects can print. */
function printed(objects: readonly KubernetesObject[]): string {
  const { graph, results } = audited(objects);
  const date = new Date("2027-01-31");
  const matrix = policyMatrix(graph, results, [], date);
  const report = {
    matrix,
    results,
    rules: ALL_RULES,
    files: ["a.yaml"],
    placesOf: () => [{ file: "a.yaml", first: 1, last: 1 }],
    date,
    version: "1.0.0",
  };
  const formats = AUDIT_FORMATS.flatMap((format) => [...formatAudit(report, format)]);
  return [...formats, ...findingsTable(report), policyMonitorPage(matrix)].join("\n");
}

describe("no finding tells a secret that stands in the field", () => {
  test("of any text of any rule's bad example", { timeout: 60_000 }, () => {
    const secret = "Xq9Zk3Vt7B";
    const told = PLACES.flatMap((place) =>
      FORMS.flatMap((form) => {
        const { results } = audited(withText(place, form(secret, place.text)));
        return results
          .flatMap(({ findings }) => findings)
          .map(({ rule, scope, object, field, message }) =>
            JSON.stringify([rule, scope, object, field, message]),
          )
          .filter((finding) => finding.includes(secret));
      }),
    );
    expect(told).toEqual([]);
  });

  test("in any format, whatever the secret", { timeout: 60_000 }, () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{12,24}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...PLACES),
        fc.constantFrom(...FORMS),
        secret,
        (place, form, text) => {
          expect(printed(withText(place, form(text, place.text)))).not.toContain(text);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("but what an object, its namespace and its tenant are called", () => {
    const name = "admin:alice@corp.example";
    const { results } = audited([
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "team", labels: { "atom.cloud/tenant": name } },
      },
      { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "team" }, spec: {} },
    ]);
    const found = results.flatMap(({ findings }) => findings);
    expect(
      new Set(
        found
          .filter(({ object }) => object.startsWith("Pod"))
          .map(({ object, scope }) => `${object} of ${scope.tenant}`),
      ),
    ).toEqual(new Set([`Pod team/${name} of ${name}`]));
  });

  test("where people put secrets without a mark", () => {
    const secret = "correct-horse-battery-staple";
    const container = {
      name: "bad",
      image: "bad:latest",
      command: ["bad", secret],
      args: ["--password", secret],
      env: [{ name: "DB_PASSWORD", value: secret }],
      securityContext: { privileged: true },
      livenessProbe: {
        httpGet: { path: "/", port: 1, httpHeaders: [{ name: "X-Key", value: secret }] },
      },
      lifecycle: { preStop: { exec: { command: [secret] } } },
    };
    const metadata = {
      name: "bad",
      namespace: "tenant-acme",
      annotations: { "example.com/password": secret },
    };
    const text = printed([
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: {
          selector: { matchLabels: { app: "bad" } },
          template: {
            metadata: { ...metadata, labels: { app: "bad" } },
            spec: { containers: [container], hostPID: true },
          },
        },
      },
      { apiVersion: "v1", kind: "ConfigMap", metadata, data: { password: secret } },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata,
        type: "Opaque",
        stringData: { password: secret },
      },
    ]);
    expect(text).toContain("Deployment tenant-acme/bad");
    expect(text).not.toContain(secret);
  });
});

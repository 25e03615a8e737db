import { describe, expect, test } from "vitest";

import { expandList } from "../../lib/kubernetes/expand-list";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { evaluate, violationsOf } from "../../lib/policy/evaluation/evaluate";
import type { Finding } from "../../lib/policy/evaluation/evaluate";
import type { ResourceGraph } from "../../lib/policy/graph/graph";
import type { AnyRule } from "../../lib/policy/evaluation/rule";
import { P1_RULES } from "../../lib/policy/rules/p1";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { changed, prefixes, write } from "./change";
import type { Change, Path } from "./change";
import {
  compliantContainer,
  compliantPod,
  compliantTenant,
  graphOf,
  scopeOfTenant,
} from "./compliant-objects";

/** A finding as a case writes it; what is the rule's own comes from the rule. */
export interface Expected {
  readonly object: string;
  readonly field: string;
  readonly message: string;
  readonly cause?: Finding["cause"];
  /** Another rule that the same mistake breaks, too. */
  readonly rule?: AnyRule;
}

/** Changes to a compliant tenant, and all findings of P1 that they lead to. */
export interface ObjectCase {
  readonly title: string;
  readonly changes: readonly Change[];
  readonly findings: readonly Expected[];
  /** Where other objects still make the rule pass if a value is unknown. */
  readonly unknownPasses?: boolean;
}

/** Changes inside a pod or a container, and the findings with fields below that. */
export interface PartCase {
  readonly title: string;
  readonly set: readonly (readonly [Path, unknown])[];
  /** What else is changed: the rule passes whether that is known or not. */
  readonly besides?: PartCase["set"];
  readonly findings: readonly Omit<Expected, "object">[];
}

/** One test for each case over whole objects, plain, inside lists, and with unknowns. */
export function describeObjectCases(rule: AnyRule, cases: readonly ObjectCase[]): void {
  describe(rule.id, () => {
    for (const { title, changes, findings, unknownPasses } of cases) {
      const objects = changed(compliantTenant(), changes);
      const expected = findings.map((finding) => full(rule, finding, "acme"));
      test(title, () => {
        expect(findingsOf(graphOf(objects, "acme"))).toEqual(sorted(expected));
        expect(findingsOf(graphOf(inLists(objects), "acme"))).toEqual(sorted(expected));
      });
      if (findings.length === 0 || unknownPasses === true) continue;
      for (const change of changes) {
        if (!("set" in change)) continue;
        test(`S6 ${title}: an unknown on the way is no pass`, () => {
          for (const path of prefixes(change.path)) {
            const unknown = changed(compliantTenant(), [
              ...changes.filter((other) => other !== change),
              { ...change, path, value: null },
            ]);
            expectUndecided(rule, withUnknown(unknown, change.set, path), path);
          }
        });
      }
    }
  });
}

/** Whose pods a case is tried on: a tenant's, and the platform's. */
const EVERYBODY: readonly (string | undefined)[] = ["acme", undefined];

/** Cases on a pod, tried in every kind of object that carries one, everybody's if nothing else is said. */
export function describePodCases(
  rule: AnyRule,
  cases: readonly PartCase[],
  owners = EVERYBODY,
): void {
  describeParts(`${rule.id} on a pod`, rule, cases, [[]], owners);
}

/** Cases on a container, tried as a regular, an init and an ephemeral one of every such object. */
export function describeContainerCases(rule: AnyRule, cases: readonly PartCase[]): void {
  const roles = ["containers", "initContainers", "ephemeralContainers"];
  const places = roles.map((role) => ["spec", role, 1]);
  describeParts(`${rule.id} on a container`, rule, cases, places, EVERYBODY);
}

function describeParts(
  name: string,
  rule: AnyRule,
  cases: readonly PartCase[],
  places: readonly Path[],
  owners: readonly (string | undefined)[],
): void {
  describe(name, () => {
    for (const { title, set, besides = [], findings } of cases) {
      test(title, () => {
        for (const [place, kind] of combinations(places, Object.keys(POD_AT))) {
          const object = workload(kind, place, [...besides, ...set]);
          const expected = findings.map(({ field, rule: other = rule, ...finding }) => ({
            ...finding,
            rule: other,
            object: `${kind} tenant-acme/x`,
            field: [...POD_AT[kind]!, ...place].reduce<string>(step, "") + field,
          }));
          for (const tenant of owners) {
            const all = [...compliantTenant(), object];
            const base = tenant === undefined ? [object] : all;
            const clean = expected.map((finding) => full(rule, finding, tenant));
            const tidy = clean.map((f) => ({ ...f, field: f.field.replace(/^\./, "") }));
            expect(findingsOf(graphOf(base, tenant))).toEqual(sorted(tidy));
          }
        }
      });
      if (findings.length === 0) continue;
      test(`S6 ${title}: an unknown on the way is no pass`, () => {
        for (const [place, kind] of combinations(places, ["Pod", "Deployment", "CronJob"])) {
          for (const [path] of set) {
            const whole = [...POD_AT[kind]!, ...place, ...path];
            for (const prefix of prefixes(whole)) {
              const object = workload(kind, place, []);
              write(object, prefix, UNKNOWN);
              expectUndecided(rule, [object], prefix);
            }
          }
        }
      });
    }
  });
}

const POD_AT: Readonly<Record<string, Path>> = {
  Pod: [],
  PodTemplate: ["template"],
  ReplicationController: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  Rollout: ["spec", "template"],
};
const VERSIONS: Readonly<Record<string, string>> = {
  Pod: "v1",
  PodTemplate: "v1",
  ReplicationController: "v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
  Rollout: "argoproj.io/v1alpha1",
};

/** An object of a kind around a compliant pod, with values written into one part of the pod. */
export function workload(kind: string, place: Path, set: PartCase["set"]): KubernetesObject {
  const pod = compliantPod();
  for (const role of ["containers", "initContainers", "ephemeralContainers"]) {
    (pod.spec[role] as unknown[]).push(compliantContainer(`second-${role.toLowerCase()}`));
  }
  for (const [path, value] of set) write(pod, [...place, ...path], value);
  const object = {
    apiVersion: VERSIONS[kind] ?? "apps/v1",
    kind,
    metadata: { name: "x", namespace: "tenant-acme" },
  };
  const at = POD_AT[kind]!;
  if (at.length === 0) return { ...object, spec: pod.spec, metadata: merged(pod, object) };
  write(object, at, pod);
  return object;
}

function merged(pod: { metadata: object }, object: KubernetesObject): KubernetesObject["metadata"] {
  return { ...pod.metadata, ...object.metadata };
}

/** All findings of P1, in an order of their own. */
export function findingsOf(graph: ResourceGraph): Finding[] {
  return sorted(violationsOf(graph, P1_RULES));
}

function sorted(findings: readonly Finding[]): Finding[] {
  const key = ({ rule, object, field, message }: Finding) =>
    [rule, object, field, message].join("\n");
  return [...findings].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function full(rule: AnyRule, expected: Expected, tenant: string | undefined): Finding {
  const { id, policy, severity, remediation } = expected.rule ?? rule;
  return {
    rule: id,
    policy,
    severity,
    cause: expected.cause ?? "violation",
    scope: scopeOfTenant(tenant),
    object: expected.object,
    field: expected.field,
    message: expected.message,
    remediation,
  };
}

function withUnknown(
  objects: readonly KubernetesObject[],
  id: string,
  path: Path,
): KubernetesObject[] {
  const [kind, name] = [id.split(" ")[0], id.split(/[ /]/).at(-1)];
  for (const object of objects) {
    const metadata = object.metadata as KubernetesObject["metadata"] | null;
    if (object.kind === kind && (path[0] === "metadata" || metadata?.name === name)) {
      write(object, path, UNKNOWN);
    }
  }
  return [...objects];
}

function expectUndecided(rule: AnyRule, objects: readonly KubernetesObject[], path: Path): void {
  const [result] = evaluate(graphOf(objects, "acme"), [rule]);
  expect(result?.findings.length, `unknown at ${path.join(".")}`).toBeGreaterThan(0);
}

/** The same objects as an exporter writes them: a list, with another and a typed one inside. */
function inLists(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const list = (items: readonly KubernetesObject[]) => ({ apiVersion: "v1", kind: "List", items });
  const [first, ...rest] = objects;
  const nested = list([list([first!]), list(rest)] as unknown as KubernetesObject[]);
  return expandList(nested as unknown as KubernetesObject);
}

function combinations<A, B>(first: readonly A[], second: readonly B[]): [A, B][] {
  return first.flatMap((a) => second.map((b): [A, B] => [a, b]));
}

function step(path: string, key: string | number): string {
  return typeof key === "number" ? `${path}[${key}]` : `${path}.${key}`;
}

import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { violationsOf } from "../../lib/policy/evaluation/evaluate";
import type { Finding } from "../../lib/policy/evaluation/evaluate";
import { byText } from "../../lib/policy/reading/shape";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { ALL_RULES } from "../../lib/policy/rules";
import { changed } from "./change";
import type { Path } from "./change";
import { compliantFleet, fleetGraph } from "./mutation-fleet";
import { FLEET_MUTATIONS } from "./mutation-table";
import { CONTAINER_MUTATIONS, POD_MUTATIONS } from "./pod-mutation-table";
import type { PodMutation } from "./pod-mutation-table";
import { workload } from "./rule-cases";

const FLEET = compliantFleet();

function findingsIn(documents: readonly unknown[]): Finding[] {
  return violationsOf(fleetGraph(documents), ALL_RULES);
}

function rulesIn(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort(byText);
}

function inLists(objects: readonly KubernetesObject[]): unknown[] {
  const list = (items: readonly unknown[]) => ({ apiVersion: "v1", kind: "List", items });
  return [list([list(objects.slice(0, 3)), ...objects.slice(3)])];
}

test("the fleet to be mutated keeps every rule", () => {
  expect(findingsIn(FLEET)).toEqual([]);
});

describe.each(FLEET_MUTATIONS)(
  "$rule: $title",
  ({ rule, changes, also = [], unknownPasses = false }) => {
    const expected = [...new Set([rule, ...also])].sort(byText);

    test("fires, and nothing else does, plain and inside of lists", () => {
      const objects = changed(FLEET, changes);
      const findings = findingsIn(objects);
      expect(rulesIn(findings)).toEqual(expected);
      expect(findingsIn(inLists(objects))).toEqual(findings);
    });

    const change = changes.at(-1);
    if (change === undefined || !("set" in change) || unknownPasses) return;
    test("S6 fires as well where the value is not known yet", () => {
      const objects = changed(FLEET, [...changes.slice(0, -1), { ...change, value: null }]);
      const findings = findingsIn(withUnknown(objects, change.set, change.path));
      const own = findings.filter((finding) => finding.rule === rule);
      expect(own.map(({ cause }) => cause)).toContain("undecided");
    });
  },
);

function withUnknown(
  objects: readonly KubernetesObject[],
  id: string,
  path: Path,
): KubernetesObject[] {
  const [kind, name] = id.split(/ (?:.*\/)?/);
  return objects.map((object) => {
    if (object.kind !== kind || object.metadata.name !== name) return object;
    return changedAt(object, path) as KubernetesObject;
  });
}

function changedAt(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return UNKNOWN;
  const copy = (
    Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  ) as Record<string | number, unknown>;
  copy[step] = changedAt(copy[step], rest);
  return copy;
}

/** The tests of the single rules of P1 try every kind. */
const KINDS = ["Pod", "StatefulSet", "DaemonSet", "CronJob"];

const CLEAN = new Map(KINDS.map((kind) => [kind, findingsWith(workload(kind, [], []))]));

/** Each finding as text, so that a set can hold it. */
function findingsWith(object: KubernetesObject): ReadonlySet<string> {
  return new Set(findingsIn([...FLEET, object]).map((finding) => JSON.stringify(finding)));
}

/** What a mistake adds to what a workload of a kind comes to without it. */
function added(kind: string, place: Path, { path, value }: PodMutation): Finding[] {
  const without = CLEAN.get(kind)!;
  return [...findingsWith(workload(kind, place, [[path, value]]))]
    .filter((finding) => !without.has(finding))
    .map((finding) => JSON.parse(finding) as Finding);
}

describe.each(KINDS)("hidden in a %s", (kind) => {
  test.each(POD_MUTATIONS)("$rule fires at $path", (mutation) => {
    expectOnly(kind, [], mutation);
  });

  describe.each(["containers", "initContainers", "ephemeralContainers"])("%s", (role) => {
    const own = CONTAINER_MUTATIONS.filter(({ not = [] }) => !not.includes(role));
    test.each(own)("$rule fires at $path", (mutation) => {
      expectOnly(kind, ["spec", role, 1], mutation);
    });
  });
});

function expectOnly(kind: string, place: Path, mutation: PodMutation) {
  const { rule, also = [] } = mutation;
  expect(rulesIn(added(kind, place, mutation))).toEqual([rule, ...also].sort(byText));
  const unknown = added(kind, place, { ...mutation, value: UNKNOWN });
  const own = unknown.filter((finding) => finding.rule === rule);
  expect(own.map(({ cause }) => cause)).toContain("undecided");
}

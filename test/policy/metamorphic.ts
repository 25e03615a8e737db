import fc from "fast-check";
import { expect } from "vitest";
import { parseManifests } from "../../lib/cli/manifest-documents";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { evaluate } from "../../lib/policy/evaluation/evaluate";
import type { Finding } from "../../lib/policy/evaluation/evaluate";
import { graphFromManifests } from "../../lib/policy/graph/graph-from-manifests";
import { byText } from "../../lib/policy/reading/shape";
import { ALL_RULES } from "../../lib/policy/rules";
import { toYaml } from "../../lib/support/yaml-writer";
import { fleetMutation } from "./metamorphic-mutations";
import type { FleetMutation } from "./metamorphic-mutations";
import { compliantFleet } from "./mutation-fleet";

/**
 * Names, and as many others: none is part of another, or of a word that a manifest holds. They keep their
 * order, for of two tenants that claim one namespace the first in the alphabet has it.
 */
const TENANTS = ["acme", "globex", "initech", "quux"];
const RENAMED: Readonly<Record<string, string>> = {
  acme: "arnhem",
  globex: "bremen",
  initech: "ghent",
  quux: "zwolle",
};

/** How the same fleet is written another way. */
interface Disguise {
  /** Sorts objects, and the keys of each map. */
  readonly seed: number;
  readonly text: "json" | "yaml";
  /** How many objects go into one list: none for 0. */
  readonly lists: number;
  readonly rename: boolean;
}

const disguise: fc.Arbitrary<Disguise> = fc.record({
  seed: fc.integer(),
  text: fc.constantFrom("json", "yaml"),
  lists: fc.integer({ min: 0, max: 7 }),
  rename: fc.boolean(),
});

/**
 * Checks on random fleets of two to four tenants, most of them with something wrong, that the order of
 * objects and keys, JSON or YAML, lists and other names of the tenants change no verdict.
 *
 * @returns how many rules found something in one fleet at least.
 */
export function checkMetamorphic(fleets: number, seed: number): number {
  const fired = new Set<string>();
  const property = fc.property(
    fc.integer({ min: 2, max: TENANTS.length }),
    fc.array(fleetMutation(TENANTS), { maxLength: 6 }),
    disguise,
    (tenants, mutations, as) => {
      const objects = fleetOf(TENANTS.slice(0, tenants), mutations);
      const findings = findingsIn(objects);
      for (const { rule } of findings) fired.add(rule);
      const expected = verdicts(as.rename ? findings.map(renamed) : findings);
      expect(verdicts(findingsIn(disguised(objects, as)))).toEqual(expected);
    },
  );
  fc.assert(property, { numRuns: fleets, seed });
  return fired.size;
}

function fleetOf(
  tenants: readonly string[],
  mutations: readonly FleetMutation[],
): KubernetesObject[] {
  const objects = tenants.flatMap((tenant) => compliantFleet(tenant));
  const fleet = mutations.reduce<readonly KubernetesObject[]>(
    (mutated, mutate) => mutate(mutated),
    objects,
  );
  // An item that was taken out of a list leaves a hole, which no text can hold.
  return JSON.parse(JSON.stringify(fleet)) as KubernetesObject[];
}

function findingsIn(documents: readonly unknown[]): Finding[] {
  const graph = graphFromManifests(documents, { cluster: "eu" });
  return evaluate(graph, ALL_RULES).flatMap(({ findings }) => findings);
}

/**
 * What has to stay the same. A message may list things in the order of the objects, and what has no name
 * is called by its place among them.
 */
function verdicts(findings: readonly Finding[]): string[] {
  return findings
    .map(({ rule, cause, scope, object, field }) =>
      [rule, cause, scope.tenant ?? "", object.replace(/document-\d+$/, "?"), field].join(" | "),
    )
    .sort(byText);
}

function renamed<T>(value: T): T {
  const names = new RegExp(Object.keys(RENAMED).join("|"), "g");
  const text = JSON.stringify(value).replace(names, (name) => RENAMED[name]!);
  return JSON.parse(text) as T;
}

function disguised(objects: readonly KubernetesObject[], as: Disguise): unknown[] {
  const random = randomFrom(as.seed);
  const named = as.rename ? renamed(objects) : objects;
  const mixed = shuffled(named, random).map((object) => withMixedKeys(object, random));
  const documents = as.lists === 0 ? mixed : inLists(mixed as KubernetesObject[], as.lists);
  if (as.text === "yaml") return read("fleet.yaml", toYaml(documents));
  return documents.flatMap((document) => read("object.json", JSON.stringify(document)));
}

function read(path: string, text: string): unknown[] {
  return [...parseManifests({ path, bytes: Buffer.from(text) })];
}

/** Lists of so many objects; every second one is put into the one before it. */
function inLists(objects: readonly KubernetesObject[], size: number): unknown[] {
  const list = (items: readonly unknown[]) => ({ apiVersion: "v1", kind: "List", items });
  const lists: unknown[] = [];
  for (let at = 0; at < objects.length; at += 2 * size) {
    const inner = list(objects.slice(at + size, at + 2 * size));
    lists.push(list([...objects.slice(at, at + size), inner]));
  }
  return lists;
}

function withMixedKeys(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => withMixedKeys(item, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = shuffled(Object.entries(value), random);
  return Object.fromEntries(entries.map(([key, member]) => [key, withMixedKeys(member, random)]));
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

/** Numbers from 0 to below 1 (Marsaglia's xorshift), so that a failure can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

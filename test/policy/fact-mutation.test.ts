import { describe, expect, test } from "vitest";
import { violationsOf } from "../../lib/policy/evaluation/evaluate";
import type { Finding } from "../../lib/policy/evaluation/evaluate";
import { ResourceGraph } from "../../lib/policy/graph/graph";
import type { GraphContent } from "../../lib/policy/graph/graph";
import { byText } from "../../lib/policy/reading/shape";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { ALL_RULES } from "../../lib/policy/rules";
import { placesIn, prefixes, write } from "./change";
import type { Path } from "./change";
import { factFleet } from "./fact-fleet";
import { FACT_MUTATIONS } from "./fact-mutation-table";
import type { FactMutation } from "./fact-mutation-table";
import { FLEET_MUTATIONS } from "./mutation-table";
import { CONTAINER_MUTATIONS, POD_MUTATIONS } from "./pod-mutation-table";
import { TASK_MUTATIONS } from "./task-mutation-table";

type Content = ReturnType<typeof factFleet>;
type Fields = Readonly<Record<string, unknown>>;

function findingsIn(content: Partial<GraphContent>): Finding[] {
  return violationsOf(new ResourceGraph(content), ALL_RULES);
}

function rulesIn(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort(byText);
}

/** The fleet with a value at a place. What is taken out of a list leaves no hole. */
function mutated(path: Path, value: unknown): Content {
  const content = factFleet();
  const [list, at] = path as [keyof Content, number];
  if (path.length === 2 && value === undefined) content[list].splice(at, 1);
  else write(content, path, value);
  return content;
}

test("the fleet to be mutated keeps every rule", () => {
  expect(findingsIn(factFleet())).toEqual([]);
});

test("every rule has a mutation", () => {
  const all = [...FLEET_MUTATIONS, ...POD_MUTATIONS, ...CONTAINER_MUTATIONS, ...FACT_MUTATIONS];
  const mutated = new Set([...all, ...TASK_MUTATIONS].map(({ rule }) => rule));
  expect(ALL_RULES.map(({ id }) => id).filter((id) => !mutated.has(id))).toEqual([]);
});

describe.each(FACT_MUTATIONS)("$rule: $title", (mutation) => {
  const { rule, path, value, also = [], besidePasses } = mutation;
  const expected = [rule, ...also].sort(byText);

  test("fires, and nothing else does", () => {
    expect(rulesIn(findingsIn(mutated(path, value)))).toEqual(expected);
  });

  const [list] = path;
  // Whether an object is protected is told of it, and stands nowhere in it.
  if (path.length <= 2 || list === "objects") return;
  if (besidePasses !== true) {
    test("fires as well where a good one stands beside it", () => {
      const alone = mutated(path, value);
      const findings = findingsIn(alone);
      for (const facts of besideGood(alone, mutation)) {
        expect(findingsIn({ ...alone, [list]: facts })).toEqual(findings);
      }
    });
  }

  test("S6 fires as well where the value, or what it stands in, is not known yet", () => {
    for (const place of prefixes(path).slice(2)) {
      const own = findingsIn(mutated(place, UNKNOWN)).filter((finding) => finding.rule === rule);
      const causes = own.map(({ cause }) => cause);
      expect(causes, place.join(".")).toContain("undecided");
    }
  });
});

/** The mutated fact behind and in front of one with nothing to find. */
function besideGood(content: Content, { path: [list] }: FactMutation): Fields[][] {
  const [bad] = content[list as keyof Content] as unknown as Fields[];
  const [first] = factFleet()[list as keyof Content] as unknown as Fields[];
  const good = { ...first!, id: `good ${String(first!["id"])}` };
  return [
    [good, bad!],
    [bad!, good],
  ];
}

test("S6 a field of a fact that is not known fires, unless no rule needs it", () => {
  const fields = placesIn({ ...factFleet(), objects: [] }).filter(
    // Every fact is known by its id and its scope.
    (path) => path.length > 2 && path[2] !== "id" && path[2] !== "scope",
  );
  const passed = fields.filter((path) => findingsIn(mutated(path, UNKNOWN)).length === 0);
  expect(passed.map((path) => path.join("."))).toEqual([
    // What is only previewed needs no confirmation.
    "playbooks.0.planHash",
    "playbooks.0.proof.ansibleCore",
    "vaultRoles.0.name",
  ]);
});

import { describe, expect, test } from "vitest";
import { violationsOf } from "../../lib/policy/evaluation/evaluate";
import { ResourceGraph } from "../../lib/policy/graph/graph";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { ALL_RULES } from "../../lib/policy/rules";
import { write } from "./change";
import { compliantFacts } from "./compliant-facts";
import { TASK_MUTATIONS } from "./task-mutation-table";
import type { TaskMutation } from "./task-mutation-table";

type Fields = Readonly<Record<string, unknown>>;

/** Where a task may stand in a play. */
const SECTIONS = ["pre_tasks", "tasks", "post_tasks", "handlers"];
const FINE = { "ansible.builtin.debug": { msg: "fine" } };
const PLACES: readonly (readonly [string, (task: Fields) => Fields])[] = [
  ["itself", (task) => task],
  ["a block", (task) => ({ block: [task], rescue: [FINE] })],
  ["a rescue", (task) => ({ block: [FINE], rescue: [task] })],
  ["what is always done", (task) => ({ block: [FINE], rescue: [FINE], always: [task] })],
  ["a block in a rescue", (task) => ({ block: [FINE], rescue: [PLACES[1]![1](task)] })],
];

describe.each(SECTIONS)("hidden in %s", (section) => {
  describe.each(PLACES)("as %s", (_, around) => {
    /** The rules that fire for a playbook with that task. */
    const rules = (task: Fields, play = 0) => {
      const { playbooks } = compliantFacts();
      write(playbooks, [0, "document", play], { hosts: "all", [section]: [FINE, around(task)] });
      const findings = violationsOf(new ResourceGraph({ playbooks }), ALL_RULES);
      return [...new Set(findings.map(({ rule }) => rule))];
    };

    describe.each(TASK_MUTATIONS)("$rule: $module", (mutation) => {
      test("fires, and nothing else does, however the module is named, in any play", () => {
        for (const task of spellings(mutation)) {
          expect(rules(task), JSON.stringify(task)).toEqual([mutation.rule]);
        }
        expect(rules(plain(mutation), 1)).toEqual([mutation.rule]);
      });

      test("S6 fires as well where a part of it is not known yet", () => {
        const task = plain(mutation);
        for (const key of Object.keys(task)) {
          expect(rules({ ...task, [key]: UNKNOWN }), key).toContain(mutation.rule);
        }
      });
    });
  });
});

function plain({ module, parameters, keywords }: TaskMutation): Fields {
  return { [`ansible.builtin.${module}`]: parameters, ...keywords };
}

/** The same task in all the ways in which Ansible takes it. */
function spellings({ module, parameters, keywords }: TaskMutation): Fields[] {
  const named = ["ansible.builtin.", "ansible.legacy.", ""].map((collection) => ({
    [`${collection}${module}`]: parameters,
    ...keywords,
  }));
  const words =
    typeof parameters === "string"
      ? parameters
      : Object.entries(parameters)
          .map(([key, value]) => `${key}="${String(value)}"`)
          .join(" ");
  return [
    ...named,
    { [module]: words, ...keywords },
    { action: `${module} ${words}`, ...keywords },
    { local_action: `ansible.builtin.${module} ${words}`, ...keywords },
    ...(typeof parameters === "string" ? [] : [{ action: { module, ...parameters }, ...keywords }]),
  ];
}

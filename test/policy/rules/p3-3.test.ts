import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p3Rule3 } from "../../../lib/policy/rules/p3-3";
import { PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const withDocument = (document: unknown) =>
  graphWith(({ playbooks }) => (playbooks[0]!.document = document as unknown[]));

const BOTH = "cannot be previewed: it lacks creates or removes and changed_when";
const GUARD = "cannot be previewed: it lacks creates or removes";

describe("P3-3", () => {
  test("looks at each playbook", () => {
    expectPass(p3Rule3, [{ scope: PLATFORM, examined: 1 }]);
  });

  test.each([
    ["a shell", "- tasks: [{ shell: rm -rf / }]", "tasks[0].shell", BOTH],
    [
      "a command by its full name",
      "- pre_tasks: [{ ansible.builtin.command: { cmd: x, creates: /y } }]",
      "pre_tasks[0].ansible.builtin.command",
      "cannot be previewed: it lacks changed_when",
    ],
    [
      "a raw command, which takes no creates",
      "- tasks: [{ raw: x creates=/y, changed_when: false }]",
      "tasks[0].raw",
      GUARD,
    ],
    [
      "a script in an always in a rescue of a handler",
      "- handlers: [{ block: [], rescue: [{ block: [], rescue: [{ debug: }], always: [{ script: x, changed_when: false }] }] }]",
      "handlers[0].rescue[0].always[0].script",
      GUARD,
    ],
    [
      "a command that creates nothing",
      "- tasks: [{ command: { cmd: x, creates: '' }, changed_when: true }]",
      "tasks[0].command",
      GUARD,
    ],
    ["an action", "- tasks: [{ action: shell rm -rf / }]", "tasks[0].action", BOTH],
    [
      "a local action",
      "- post_tasks: [{ local_action: { module: ansible.legacy.shell, cmd: x } }]",
      "post_tasks[0].local_action",
      BOTH,
    ],
    [
      "a module of Windows",
      "- tasks: [{ ansible.windows.win_shell: x }]",
      "tasks[0].ansible.windows.win_shell",
      BOTH,
    ],
    [
      "an action that is a template",
      "- tasks: [{ action: '{{ module }} x' }]",
      "tasks[0].action",
      "names no module that can be known, so it may run any command",
    ],
  ])("fails for %s", (_, yaml, path, message) => {
    const document: unknown = parse(yaml);
    const findings = findingsOf(withDocument(document), p3Rule3);
    expect(findings.map(({ field, message: found }) => [field, found])).toEqual([
      [`document[0].${path}`, message],
    ]);
  });

  test.each([
    "- tasks: [{ command: { cmd: x, creates: /y }, changed_when: no }]",
    "- tasks: [{ shell: x, args: { removes: /y }, changed_when: r.rc == 2 }]",
    "- tasks: [{ shell: 'x >y creates=\"/a b\"', changed_when: false }]",
    "- tasks: [{ copy: { dest: /x } }, { block: [{ file: { path: /x } }], rescue: [{ fail: }] }]",
    "- vars: { shell: bash }\n  tasks:",
  ])("takes %s", (yaml) => {
    expect(findingsOf(withDocument(parse(yaml)), p3Rule3)).toEqual([]);
  });

  test("fires alone", () => {
    expectFindings(withDocument([{ tasks: [{ shell: "x" }] }]), p3Rule3, [
      {
        object: "playbook eu-prod/bootstrap",
        scope: PLATFORM,
        field: "document[0].tasks[0].shell",
        message: BOTH,
      },
    ]);
  });

  test("S6 fails for an unknown task, and hides no other finding", () => {
    const document = [{ tasks: [UNKNOWN, { shell: "x" }] }];
    expect(findingsOf(withDocument(document), p3Rule3)).toMatchObject([
      { cause: "violation", field: "document[0].tasks[1].shell" },
      { cause: "undecided", field: "document[0].tasks[0]" },
    ]);
  });

  test("S10 walks a document of ten thousand levels, one that holds itself, and aliases of aliases", () => {
    let deep: unknown = { shell: "x" };
    for (let level = 0; level < 10_000; level += 1) deep = { block: [deep] };
    const circular: Record<string, unknown> = { shell: "x" };
    circular["block"] = [circular];
    let bomb: unknown = { shell: "x" };
    for (let level = 0; level < 60; level += 1) bomb = { block: [bomb, bomb] };
    for (const task of [deep, circular, bomb]) {
      expect(findingsOf(withDocument([{ tasks: [task] }]), p3Rule3)).toHaveLength(1);
    }
  });

  test.each(HOSTILE.filter((value) => !Array.isArray(value) || value.length > 0))(
    "fails, and does not crash, for the document %s",
    (document) => {
      expect(findingsOf(withDocument(document), p3Rule3)).toMatchObject([{ cause: "undecided" }]);
    },
  );

  test.each(HOSTILE.filter((value) => value !== null && !Array.isArray(value)))(
    "fails, and does not crash, for the tasks %s",
    (tasks) => {
      expect(findingsOf(withDocument([{ tasks }]), p3Rule3)).toMatchObject([
        { cause: "undecided", field: "document[0].tasks" },
      ]);
    },
  );
});

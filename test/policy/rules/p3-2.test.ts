import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p3Rule2 } from "../../../lib/policy/rules/p3-2";
import { PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const OBJECT = "playbook eu-prod/bootstrap";

const withDocument = (document: unknown) =>
  graphWith(({ playbooks }) => (playbooks[0]!.document = document as unknown[]));

const opted = (path: string, state = "is false") => ({
  object: OBJECT,
  scope: PLATFORM,
  field: `document[0].${path}check_mode`,
  message: `check_mode ${state}`,
});

describe("P3-2", () => {
  test("looks at each playbook", () => {
    expectPass(p3Rule2, [{ scope: PLATFORM, examined: 1 }]);
  });

  test.each([
    ["a play", "- hosts: all\n  check_mode: false", ""],
    ["a play, in words", "- hosts: all\n  check_mode: no", ""],
    ["a task", "- tasks: [{ file: { path: / }, check_mode: 'No' }]", "tasks[0]."],
    ["a block", "- tasks: [{ block: [], rescue: [{ fail: }], check_mode: 0 }]", "tasks[0]."],
    [
      "a task in a block in a rescue",
      "- tasks: [{ block: [], rescue: [{ block: [{ file: { path: /x }, check_mode: off }], rescue: [{ fail: }] }] }]",
      "tasks[0].rescue[0].block[0].",
    ],
    [
      "a task that is always run",
      "- tasks: [{ block: [], rescue: [{ fail: }], always: [{ file: { path: /x }, check_mode: false }] }]",
      "tasks[0].always[0].",
    ],
    ["a handler", "- handlers: [{ service: { name: x }, check_mode: false }]", "handlers[0]."],
    ["variables", "- vars: { check_mode: false }", "vars."],
    [
      "a command that changes something",
      "- tasks: [{ command: { cmd: x, creates: /y }, changed_when: x.rc == 2, check_mode: false }]",
      "tasks[0].",
    ],
    [
      "a command that may run twice",
      "- tasks: [{ command: { cmd: x, removes: /y }, changed_when: false, check_mode: false }]",
      "tasks[0].",
    ],
    [
      "a block that calls itself stat",
      "- tasks: [{ stat: {}, block: [], rescue: [{ fail: }], check_mode: no }]",
      "tasks[0].",
    ],
  ])("fails for %s", (_, yaml, path) => {
    expectFindings(withDocument(parse(yaml)), p3Rule2, [opted(path)]);
  });

  test("fails for a template, which may come out false", () => {
    const yaml = "- tasks: [{ copy: {}, check_mode: '{{ preview }}' }]";
    expectFindings(withDocument(parse(yaml)), p3Rule2, [opted("tasks[0].", "is not plainly true")]);
  });

  test.each([
    "- tasks: [{ stat: { path: /x }, check_mode: false }]",
    "- tasks: [{ ansible.builtin.command: { cmd: x, creates: /y }, changed_when: 'no', check_mode: no }]",
    "- tasks: [{ command: x, args: { creates: /y }, changed_when: false, check_mode: no }]",
    "- tasks: [{ shell: x, check_mode: true }, { shell: x, check_mode: }]",
    "- vars: { roles: [admin] }",
  ])("takes %s", (yaml) => {
    expect(findingsOf(withDocument(parse(yaml)), p3Rule2)).toEqual([]);
  });

  test.each(["import_tasks", "ansible.builtin.include_role", "import_playbook", "include"])(
    "fails for tasks of another file, by %s",
    (keyword) => {
      expectFindings(withDocument([{ tasks: [{ [keyword]: "x.yml" }] }]), p3Rule2, [
        {
          object: OBJECT,
          scope: PLATFORM,
          field: `document[0].tasks[0].${keyword}`,
          message: "reads tasks from another file, which is not part of the audited playbook",
        },
      ]);
    },
  );

  test("fails for a role, and for what its variables say", () => {
    const yaml = "- hosts: all\n  roles: [{ role: x, vars: { check_mode: no } }]";
    expectFindings(withDocument(parse(yaml)), p3Rule2, [
      {
        object: OBJECT,
        scope: PLATFORM,
        field: "document[0].roles",
        message: "reads tasks from another file, which is not part of the audited playbook",
      },
      opted("roles[0].vars."),
    ]);
  });

  test("S6 fails for an unknown task, and hides no other finding", () => {
    const document = [{ tasks: [UNKNOWN, { shell: "x", check_mode: false }] }];
    expect(findingsOf(withDocument(document), p3Rule2)).toMatchObject([
      { cause: "violation", field: "document[0].tasks[1].check_mode" },
      { cause: "undecided", field: "document[0].tasks[0]" },
    ]);
  });

  test("S10 walks a document of ten thousand levels, and one that holds itself", () => {
    let deep: unknown = { shell: "x", check_mode: false };
    for (let level = 0; level < 10_000; level += 1) deep = { block: [deep] };
    const circular: Record<string, unknown> = { hosts: "all", check_mode: false };
    circular["tasks"] = [circular];
    expect(findingsOf(withDocument([{ tasks: [deep] }]), p3Rule2)).toHaveLength(1);
    expect(findingsOf(withDocument([circular]), p3Rule2)).toEqual([
      expect.objectContaining({ field: "document[0].check_mode", cause: "violation" }),
    ]);
  });

  test.each(HOSTILE.filter((value) => !Array.isArray(value) || value.length > 0))(
    "fails, and does not crash, for the document %s",
    (document) => {
      expect(findingsOf(withDocument(document), p3Rule2).length).toBeGreaterThan(0);
    },
  );
});

import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p3Rule4 } from "../../../lib/policy/rules/p3-4";
import { PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const withDocument = (document: unknown) =>
  graphWith(({ playbooks }) => (playbooks[0]!.document = document as unknown[]));

const finding = (keyword: string, value: string, name: string, task = "tasks[0]") => ({
  object: "playbook eu-prod/bootstrap",
  scope: PLATFORM,
  field: `document[0].${task}.${keyword}`,
  message: `is ${value} in a task that touches ${name}; allowed is ${String(keyword === "no_log")}`,
});

describe("P3-4", () => {
  test("looks at each playbook", () => {
    expectPass(p3Rule4, [{ scope: PLATFORM, examined: 1 }]);
  });

  test.each([
    ["a template", "{ copy: { dest: /x, content: '{{ atom_join_token }}' } }", "atom_join_token"],
    ["a literal", "{ user: { name: x, password: hunter2 } }", "password"],
    [
      "a header",
      "{ uri: { url: https://x, headers: { Authorization: Basic abc } } }",
      "Authorization",
    ],
    ["a name of several", "{ debug: { var: passwords } }", "passwords"],
    ["free text", "{ user: name=x password=hunter2 }", "password"],
    ["an expression", "{ assert: { that: [dbPassword is defined] } }", "dbPassword"],
    ["a variable that is printed", "{ debug: { var: vault_db } }", "vault_db"],
    ["the environment", "{ package: { name: x }, environment: { API_KEY: x } }", "API_KEY"],
    ["a look-up", '{ debug: { msg: \'{{ lookup("env", "DB_PASS") }}\' } }', "DB_PASS"],
    [
      "the second half of a log-in to Vault",
      "{ debug: { var: approle_secret_id } }",
      "approle_secret_id",
    ],
    ["a statement", "{ template: { content: '{% if secret %}x{% endif %}' } }", "secret"],
    [
      "a variable of its own",
      "{ debug: { msg: x }, vars: { y: ['{{ my_secret }}'] } }",
      "my_secret",
    ],
  ])("fails for a secret in %s", (_, task, name) => {
    expectFindings(withDocument(parse(`- tasks: [${task}]`)), p3Rule4, [
      finding("no_log", "not set", `"${name}"`),
      finding("diff", "not set", `"${name}"`),
    ]);
  });

  test.each([
    ["no_log: false, diff: no", ["no_log"]],
    ["no_log: '{{ hide }}', diff: '{{ hide }}'", ["no_log", "diff"]],
    ["no_log: true, diff: true", ["diff"]],
    ["no_log: true", ["diff"]],
  ])("fails for %s", (keywords, expected) => {
    const task = `- tasks: [{ copy: { content: '{{ token }}' }, ${keywords} }]`;
    expect(findingsOf(withDocument(parse(task)), p3Rule4).map(({ field }) => field)).toEqual(
      expected.map((keyword) => `document[0].tasks[0].${keyword}`),
    );
  });

  test("fails for a task that takes back what its block says, and for an alias outside of it", () => {
    const hidden = { copy: { content: "{{ token }}" } };
    const document = [
      {
        tasks: [
          {
            block: [hidden, { ...hidden, no_log: false }],
            rescue: [{ fail: null }],
            no_log: true,
            diff: false,
          },
          hidden,
        ],
      },
    ];
    expectFindings(withDocument(document), p3Rule4, [
      finding("no_log", "false", '"token"', "tasks[0].block[1]"),
      finding("no_log", "not set", '"token"', "tasks[1]"),
      finding("diff", "not set", '"token"', "tasks[1]"),
    ]);
  });

  test.each([
    "- tasks: [{ copy: { content: '{{ token }}' }, no_log: true, diff: false }]",
    "- no_log: yes\n  diff: no\n  tasks: [{ copy: { content: '{{ token }}' } }]",
    "- tasks: [{ copy: { content: 'a token', dest: '{{ token_file }}' }, when: token is defined }]",
    "- tasks: [{ user: { name: x, update_password: on_create, password_lock: true } }]",
    "- tasks: [{ copy: { content: '{{ atom_cosign_public_key }}' }, name: Set the password }]",
    "- tasks: [{ copy: { content: '{{ token_service }} {{ secretRef }} {{ access_key_id }}' } }]",
    "- vars: { password: x }",
  ])("takes %s", (yaml) => {
    expect(findingsOf(withDocument(parse(yaml)), p3Rule4)).toEqual([]);
  });

  test("S6 fails for what is not known, which may be a secret, and hides no other finding", () => {
    const document = [
      {
        tasks: [{ copy: { content: UNKNOWN } }, { copy: { content: "{{ token }}" }, diff: false }],
      },
    ];
    expect(findingsOf(withDocument(document), p3Rule4)).toMatchObject([
      { cause: "violation", field: "document[0].tasks[1].no_log" },
      { cause: "undecided", field: "document[0].tasks[0].copy.content" },
    ]);
  });

  test("S10 takes a task that holds itself", () => {
    const copy: Record<string, unknown> = { dest: "/x" };
    copy["content"] = [copy, copy];
    expect(findingsOf(withDocument([{ tasks: [{ copy }] }]), p3Rule4)).toEqual([]);
  });

  test.each(HOSTILE.filter((value) => !Array.isArray(value) || value.length > 0))(
    "fails, and does not crash, for the document %s",
    (document) => {
      expect(findingsOf(withDocument(document), p3Rule4)).toMatchObject([{ cause: "undecided" }]);
    },
  );
});

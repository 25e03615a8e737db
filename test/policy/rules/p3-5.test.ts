import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p3Rule5 } from "../../../lib/policy/rules/p3-5";
import { PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const withDocument = (document: unknown) =>
  graphWith(({ playbooks }) => (playbooks[0]!.document = document as unknown[]));

describe("P3-5", () => {
  test("looks at each playbook", () => {
    expectPass(p3Rule5, [{ scope: PLATFORM, examined: 1 }]);
  });

  test.each([
    [
      "a download that is not verified",
      "- tasks: [{ get_url: { url: https://x, validate_certs: no } }]",
      "tasks[0].get_url.validate_certs",
      'is "no"; allowed is true',
    ],
    [
      "the same in free text",
      "- tasks: [{ get_url: url=https://x validate_certs=no }]",
      "tasks[0].get_url.validate_certs",
      'is "no"; allowed is true',
    ],
    [
      "a template that may come out false",
      "- tasks: [{ uri: { url: https://x, validate_certs: '{{ verify }}' } }]",
      "tasks[0].uri.validate_certs",
      'is "{{ verify }}"; allowed is true',
    ],
    [
      "a module's defaults",
      "- module_defaults: { uri: { validate_certs: false } }",
      "module_defaults.uri.validate_certs",
      "is false; allowed is true",
    ],
    [
      "a repository without signatures",
      "- tasks: [{ yum_repository: { name: x, gpgcheck: 0 } }]",
      "tasks[0].yum_repository.gpgcheck",
      "is 0; allowed is true",
    ],
    [
      "a repository without TLS",
      "- tasks: [{ yum_repository: { name: x, sslverify: off } }]",
      "tasks[0].yum_repository.sslverify",
      'is "off"; allowed is true',
    ],
    [
      "a package without a signature",
      "- tasks: [{ dnf: { name: x, disable_gpg_check: true } }]",
      "tasks[0].dnf.disable_gpg_check",
      "is true; allowed is false",
    ],
    [
      "one of Debian",
      "- handlers: [{ apt: { name: x, allow_unauthenticated: yes } }]",
      "handlers[0].apt.allow_unauthenticated",
      'is "yes"; allowed is false',
    ],
    [
      "an ignored error",
      "- tasks: [{ file: { path: /x }, ignore_errors: true }]",
      "tasks[0].ignore_errors",
      "is true; allowed is false",
    ],
    [
      "a play that ignores errors",
      "- hosts: all\n  ignore_errors: '{{ lax }}'",
      "ignore_errors",
      'is "{{ lax }}"; allowed is false',
    ],
    [
      "a download in clear text",
      "- tasks: [{ action: get_url url=http://x dest=/y }]",
      "tasks[0].action",
      "fetches without TLS; allowed is https",
    ],
    [
      "a host that is called almost as this one",
      "- tasks: [{ uri: { url: 'http://localhost.example/x' } }]",
      "tasks[0].uri",
      "fetches without TLS; allowed is https",
    ],
    ["a block", "- tasks: [{ block: [{ debug: }] }]", "tasks[0]", "the block has no rescue"],
    [
      "a block in an always",
      "- tasks: [{ block: [], rescue: [{ fail: }], always: [{ block: [{ debug: }], rescue: [] }] }]",
      "tasks[0].always[0]",
      "the block has no rescue",
    ],
  ])("fails for %s", (_, yaml, path, message) => {
    expectFindings(withDocument(parse(yaml)), p3Rule5, [
      {
        object: "playbook eu-prod/bootstrap",
        scope: PLATFORM,
        field: `document[0].${path}`,
        message,
      },
    ]);
  });

  test.each([
    "- tasks: [{ get_url: { url: https://x, validate_certs: yes } }]",
    "- tasks: [{ uri: { url: 'http://localhost:8600/health' }, ignore_errors: false }]",
    "- tasks: [{ block: [{ debug: }], rescue: [{ fail: }] }, { file: { path: /x }, ignore_errors: }]",
  ])("takes %s", (yaml) => {
    expect(findingsOf(withDocument(parse(yaml)), p3Rule5)).toEqual([]);
  });

  test("S6 fails for a switch that is not known, and hides no other finding", () => {
    const document = [
      { tasks: [{ uri: { validate_certs: UNKNOWN } }, { uri: { validate_certs: false } }] },
    ];
    expect(findingsOf(withDocument(document), p3Rule5)).toMatchObject([
      { cause: "violation", field: "document[0].tasks[1].uri.validate_certs" },
      { cause: "undecided", field: "document[0].tasks[0].uri.validate_certs" },
    ]);
  });

  test.each(HOSTILE.filter((value) => !Array.isArray(value) || value.length > 0))(
    "fails, and does not crash, for the document %s",
    (document) => {
      expect(findingsOf(withDocument(document), p3Rule5)).toMatchObject([{ cause: "undecided" }]);
    },
  );
});

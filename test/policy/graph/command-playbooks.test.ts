import { describe, expect, test } from "vitest";
import { playbooksOfCommand } from "../../../lib/policy/graph/command-playbooks";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";

const scope = { cluster: "eu-prod" };

function runsOf(inputs: Record<string, unknown>, type = "command:local:Command") {
  const resource = { type, name: "harden", urn: "urn", inputs, dependencies: [], protect: false };
  return playbooksOfCommand(resource, scope).map(({ argv }) => argv);
}

describe("playbooksOfCommand", () => {
  test("makes a playbook that nobody has read of a command that runs one", () => {
    const inputs = { create: "ansible-playbook -i hosts.ini site.yml" };
    const resource = { name: "harden", urn: "urn", inputs, dependencies: [], protect: false };
    expect(playbooksOfCommand({ type: "command:remote:Command", ...resource }, scope)).toEqual([
      {
        id: "command harden",
        scope,
        argv: ["ansible-playbook", "-i", "hosts.ini", "site.yml"],
        planHash: "",
        document: UNKNOWN,
      },
    ]);
  });

  test.each([
    [
      "by its path",
      { create: "/usr/bin/ansible-playbook a.yml" },
      [["/usr/bin/ansible-playbook", "a.yml"]],
    ],
    [
      "by others",
      { create: "sudo A=b env ansible-playbook a.yml" },
      [["ansible-playbook", "a.yml"]],
    ],
    [
      "in a shell of its own",
      { create: "sh -c 'ansible-playbook a.yml'" },
      [["ansible-playbook", "a.yml"]],
    ],
    [
      "over two lines",
      { create: "ansible-playbook \\\n  --check a.yml" },
      [["ansible-playbook", "--check", "a.yml"]],
    ],
    [
      "twice, of which one is a dry run",
      { create: "ansible-playbook --check --diff a.yml && ansible-playbook a.yml" },
      [
        ["ansible-playbook", "--check", "--diff", "a.yml"],
        ["ansible-playbook", "a.yml"],
      ],
    ],
    [
      "on update and delete only",
      { update: "ansible-playbook b.yml", delete: "ansible-playbook c.yml" },
      [
        ["ansible-playbook", "b.yml"],
        ["ansible-playbook", "c.yml"],
      ],
    ],
    [
      "as interpreter",
      { interpreter: ["ansible-playbook"], create: "a.yml" },
      [["ansible-playbook", "a.yml"]],
    ],
  ])("sees one that is started %s", (_, inputs, runs) => {
    expect(runsOf(inputs)).toEqual(runs);
  });

  test.each([
    ["create", { create: UNKNOWN }],
    ["interpreter", { interpreter: ["sh", UNKNOWN], create: "true" }],
  ])("takes an unknown %s for a run of which nothing is known", (_, inputs) => {
    expect(runsOf(inputs)).toEqual([UNKNOWN]);
  });

  test.each([
    ["another program", { create: "npx --no-install atom playbook --plan -" }],
    ["a file of that name", { create: "cat ansible-playbook.log" }],
    ["an unknown input", { create: "cat", stdin: UNKNOWN, environment: { A: UNKNOWN } }],
    ["no command line", {}],
  ])("sees none in %s", (_, inputs) => {
    expect(runsOf(inputs)).toEqual([]);
  });

  test("looks at commands only", () => {
    expect(runsOf({ create: "ansible-playbook a.yml" }, "random:index:Id")).toEqual([]);
  });
});

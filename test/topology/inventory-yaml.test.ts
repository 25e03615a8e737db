import { describe, expect, test } from "vitest";
import { UsageError } from "../../lib/support/problem";
import { parseYamlInventory } from "../../lib/topology/inventory-yaml";

const CANARY = "canary-9b1d77e0aa";

function problemsOf(text: string) {
  try {
    parseYamlInventory(text, "hosts.yml");
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("parseYamlInventory", () => {
  test("reads nested groups, ranges, merge keys and named variables only", () => {
    const text = `
all:
  vars: { region: eu-west, token: ${CANARY} }
  children:
    masters:
      hosts:
        m[1:2]: &shared { ansible_password: ${CANARY}, kubernetes_version: "1.30" }
    workers:
      children:
        rack-a:
          hosts:
            w1: { <<: *shared, ansible_host: 192.0.2.4 }
        rack-b:
          hosts: w2
    empty:
`;
    const version = { region: "eu-west", kubernetesVersion: "1.30" };
    expect(parseYamlInventory(text, "hosts.yml")).toEqual({
      path: "hosts.yml",
      groups: ["empty", "masters", "rack-a", "rack-b", "workers"],
      hosts: [
        { name: "m1", groups: ["masters"], line: 7, ...version },
        { name: "m2", groups: ["masters"], line: 7, ...version },
        {
          name: "w1",
          groups: ["rack-a", "workers"],
          line: 12,
          address: "192.0.2.4",
          ...version,
        },
        { name: "w2", groups: ["rack-b", "workers"], line: 14, region: "eu-west" },
      ],
    });
  });

  test("fails with every problem and its line", () => {
    const text = `all:
  childern:
    masters:
  hosts:
    m1: 7
    m2: { kubernetes_version: 1.30 }
    m3: { ansible_host: !vault "${CANARY} x" }
  vars: [1]
other: 3
`;
    expect(problemsOf(text)).toEqual([
      {
        path: "hosts.yml",
        line: 2,
        message: 'group "all" has the unknown key "childern"; it takes hosts, children and vars',
        mend: "write 'children'",
      },
      { path: "hosts.yml", line: 5, message: 'host "m1" has no mapping of variables' },
      {
        path: "hosts.yml",
        line: 6,
        message: "variable 'kubernetes_version' is no text",
        mend: "put its value in quotes",
      },
      {
        path: "hosts.yml",
        line: 7,
        message: "variable 'ansible_host' is neither an IP address nor a host name",
      },
      { path: "hosts.yml", line: 8, message: "'vars' is no mapping" },
      {
        path: "hosts.yml",
        line: 9,
        message: 'group "other" is no mapping of hosts, children and vars',
      },
    ]);
  });

  test.each([
    ["S10 a duplicate key", `all:\n  hosts:\n    a: {p: ${CANARY}, p: ${CANARY}}`],
    ["S10 broken YAML", `all:\n  hosts: {a: "${CANARY}\n`],
    ["S10 a tab", `all:\n\thosts: ${CANARY}`],
    ["a variable for a host", `all:\n  hosts: password=${CANARY}`],
    ["a plugin", `plugin: aws_ec2\ntoken: ${CANARY}`],
    ["a list", `- ${CANARY}`],
    ["nothing", ""],
  ])("fails without repeating a secret: %s", (_, text) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain(CANARY);
  });

  test.each([
    [
      `all:\n  hosts: {a: "${CANARY}\n`,
      2,
      'the " that opens in column 14 is not closed',
      'close it with ", and indent every line up to there more than its key',
    ],
    [
      "all:\n  hosts: {}\n  hosts: {}\n",
      3,
      "the key in column 3 stands twice in one map",
      "remove one",
    ],
  ])("fails for what is no YAML and says where: %j", (text, line, message, mend) => {
    expect(problemsOf(text)).toEqual([{ path: "hosts.yml", line, message, mend }]);
  });

  test("fails for S10 an alias bomb", () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `  l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(",")}]`,
    );
    expect(problemsOf(`all:\n  l0: &l0 x\n${levels.join("\n")}`)).toEqual([
      {
        path: "hosts.yml",
        line: 1,
        message: "the YAML's aliases cannot be resolved, or there are too many",
      },
    ]);
  });

  test("keeps a group named __proto__ a group", () => {
    expect(parseYamlInventory("__proto__: { hosts: { a: } }", "h.yml")).toEqual({
      path: "h.yml",
      groups: ["__proto__"],
      hosts: [{ name: "a", groups: ["__proto__"], line: 1 }],
    });
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../lib/support/problem";
import { parseIniInventory } from "../../lib/topology/inventory-ini";

const CANARY = "canary-2f8e71c4d9";

function problemsOf(text: string) {
  try {
    parseIniInventory(text, "hosts.ini");
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("parseIniInventory", () => {
  test("reads groups, children, variables, ranges, ports and quoted host variables", () => {
    const text = `
# a comment
lonely
[masters]
m[1:2]:2222 ansible_host="192.0.2.10" ansible_password='${CANARY} # kept' ; not a comment=1
[workers]   # behind a section
w1 ansible_host=w1.example region='eu-east' # a comment
m2
2001:db8::1
[kube:children]
masters # as well
workers
[kube:vars]
region = eu-west
kubernetes_version = "v1.31.2"
join_token = ${CANARY}
[masters:vars]
kubernetes_version=1.31.3
`;
    expect(parseIniInventory(text.replace("; not a comment=1", ""), "hosts.ini")).toEqual({
      path: "hosts.ini",
      groups: ["kube", "masters", "workers"],
      hosts: [
        { name: "lonely", groups: [], line: 3 },
        {
          name: "m1",
          groups: ["kube", "masters"],
          line: 5,
          address: "192.0.2.10",
          region: "eu-west",
          kubernetesVersion: "1.31.3",
        },
        {
          name: "m2",
          groups: ["kube", "masters", "workers"],
          line: 5,
          address: "192.0.2.10",
          region: "eu-west",
          kubernetesVersion: "1.31.3",
        },
        {
          name: "w1",
          groups: ["kube", "workers"],
          line: 7,
          address: "w1.example",
          region: "eu-east",
          kubernetesVersion: "1.31.2",
        },
        {
          name: "2001:db8::1",
          groups: ["kube", "workers"],
          line: 9,
          region: "eu-west",
          kubernetesVersion: "1.31.2",
        },
      ],
    });
  });

  test("leaves a value that is a template unknown", () => {
    const { hosts } = parseIniInventory("[a]\nx ansible_host='{{ ip }}'", "hosts.ini");
    expect(hosts).toEqual([{ name: "x", groups: ["a"], line: 2 }]);
  });

  test("fails with every problem, its line and its mend", () => {
    const text = [
      "[masters]",
      "m1 password",
      "m[1:x]",
      "m2 key='open",
      "[workers:hots]",
      "anything goes here",
      "[gone:children]",
      "nowhere",
      "[lost:vars]",
      "a=1",
      "no equals sign",
      "[two words]",
    ].join("\n");
    expect(problemsOf(text)).toEqual([
      {
        path: "hosts.ini",
        line: 2,
        message: "a host variable is not KEY=VALUE",
        mend: "put a value with blanks or '#' in quotes",
      },
      {
        path: "hosts.ini",
        line: 3,
        message: 'host range "[1:x]" must run between two numbers or two letters',
        mend: "write ranges as node[01:20] or node[a:f]",
      },
      {
        path: "hosts.ini",
        line: 4,
        message: "a quote is not closed",
        mend: "close it, or escape it with a backslash",
      },
      {
        path: "hosts.ini",
        line: 5,
        message: "section [workers:hots] has an unknown kind",
        mend: "use [workers], [workers:children] or [workers:vars]",
      },
      {
        path: "hosts.ini",
        line: 11,
        message: "section [lost:vars] takes KEY=VALUE lines only",
      },
      {
        path: "hosts.ini",
        line: 12,
        message:
          "a line in brackets is no section; sections are [NAME] or [NAME:KIND], without blanks",
      },
      {
        path: "hosts.ini",
        line: 8,
        message: "section [gone:children] speaks of the undefined group 'nowhere'",
        mend: "add a section [nowhere]",
      },
      {
        path: "hosts.ini",
        line: 9,
        message: "section [lost:vars] speaks of the undefined group 'lost'",
        mend: "add a section [lost]",
      },
    ]);
  });

  test("fails for a group below itself", () => {
    expect(problemsOf("[a:children]\nb\n[b:children]\na")).toEqual([
      {
        path: "hosts.ini",
        line: 1,
        message: 'group "a" is its own descendant, or nested too deep',
      },
    ]);
  });

  test.each([
    ["a blank in a password", `[a]\nx password=${CANARY} ${CANARY}`],
    ["an open quote", `[a]\nx password='${CANARY}`],
    ["a quote too many", `[a]\nx ansible_host="1.2.3.4 password=${CANARY}"`],
    ["a group variable without equals sign", `[a]\nx\n[a:vars]\npassword ${CANARY}`],
    ["a variable among hosts", `[a]\npassword=${CANARY}`],
    ["a variable among children", `[a:children]\npassword=${CANARY}`],
    ["a host range that looks like a section", `[a]\n[1:2]x password=${CANARY}]`],
    ["a version that is none", `[a]\nx kubernetes_version=${CANARY}!`],
    ["a region that is none", `[a]\nx region=${CANARY}_`],
  ])("fails without repeating a secret: %s", (_, text) => {
    expect(JSON.stringify(problemsOf(text))).not.toContain(CANARY);
  });

  test("never throws anything but a UsageError, and never a secret", () => {
    const piece = fc.constantFrom(
      "[",
      "]",
      ":",
      "a",
      "=",
      "'",
      '"',
      "#",
      "\n",
      " ",
      "1",
      "vars",
      "children",
      "\\",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          parseIniInventory(pieces.join(""), "hosts.ini");
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

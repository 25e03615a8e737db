import { describe, expect, test } from "vitest";

import { resolveValues } from "../../lib/chart/resolve-values";
import { MALICIOUS, problemsOf } from "./fixture";

function problemsOfApi(api: Record<string, unknown>): string[] {
  return problemsOf(() => resolveValues({ tenant: { services: { api } } }));
}

describe("a service's name", () => {
  test.each(MALICIOUS)("fails: %j", (name) => {
    const services = { [name]: { image: "worker", port: 8090 } };
    const problems = problemsOf(() => resolveValues({ tenant: { services } }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^tenant\.services(\.|\[")[ -~]*: service name /);
  });
});

describe("fails:", () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      "a quantity with a comma",
      { resources: { limits: { memory: "1,5Gi" } } },
      '.resources.limits.memory: "1,5Gi" is no quantity; write a number and a unit, such as 500m, 2 or 1.5Gi',
    ],
    [
      "a quantity of more digits than can be compared",
      { resources: { limits: { memory: "1234567890123" } } },
      '.resources.limits.memory: "1234567890123" is no quantity; write a number and a unit, such as 500m, 2 or 1.5Gi',
    ],
    [
      "no cpu at all",
      { resources: { requests: { cpu: "0" } } },
      '.resources.requests.cpu: "0" is not above zero',
    ],
    [
      "an unknown resource",
      { resources: { requests: { cpus: "1" } } },
      '.resources.requests: unknown key "cpus"; did you mean "cpu"?',
    ],
    [
      "a label with a blank",
      { labels: { team: "web shop" } },
      ".labels.team: label value \"web shop\" is not allowed; use up to 63 of A-Z, a-z, 0-9, '-', '_' and '.', no blanks",
    ],
    [
      "a label of the chart",
      { labels: { "atom.cloud/tenant": "other" } },
      '.labels["atom.cloud/tenant"]: label key "atom.cloud/tenant" is kept for Kubernetes and the chart',
    ],
    [
      "a label of a part of Kubernetes",
      { labels: { "node.kubernetes.io/team": "x" } },
      '.labels["node.kubernetes.io/team"]: label key "node.kubernetes.io/team" is kept for Kubernetes and the chart',
    ],
    [
      "a port used twice",
      { port: 9090 },
      ".metricsPort: port 9090 is used twice, for http and for metrics; choose two ports",
    ],
    ["a privileged port", { port: 80 }, ".port: 80 is too small; at least 1024 allowed"],
    ["a port above all ports", { port: 65536 }, ".port: 65536 is too large; at most 65535 allowed"],
    ["half a replica", { replicas: 1.5 }, ".replicas: expected a whole number, received 1.5"],
    ["no replica", { replicas: 0 }, ".replicas: 0 is too small; at least 1 allowed"],
    [
      "an image by tag",
      { image: "nginx:latest" },
      '.image: "nginx:latest" is an image reference; name an image of the fleet\'s image list instead',
    ],
    [
      "a variable that is a number, which is not shown",
      { env: { PIN: 4711 } },
      ".env.PIN: expected a string, received a number",
    ],
    ["a variable with a NUL", { env: { A: "a\0b" } }, ".env.A: the value holds a NUL character"],
    ...["\u007f", "\u0085", "\u009f", "\ufffe", "\uffff"].map(
      (char): [string, Record<string, unknown>, string] => [
        `a variable with ${JSON.stringify(char)}`,
        { env: { A: `a${char}b` } },
        ".env.A: the value holds a character from U+007F to U+009F, U+FFFE or U+FFFF, which not every YAML reader takes",
      ],
    ),
    [
      "V9 a variable of few enough characters, and of too many bytes",
      { env: { A: "\u20ac".repeat(50_000) } },
      ".env.A: the value has 150000 bytes; at most 130816 reach a program",
    ],
    [
      "S10 a variable with half a surrogate pair",
      { env: { A: "\ud800" } },
      ".env.A: the value holds half a surrogate pair; write UTF-8",
    ],
    [
      "V9 a variable of 1 MB",
      { env: { A: "x".repeat(1_000_000) } },
      ".env.A: the value has 1000000 bytes; at most 130816 reach a program",
    ],
    [
      "V9 variables of more than 1 MB together",
      { env: Object.fromEntries([..."ABCDEFGHI"].map((name) => [name, "x".repeat(120_000)])) },
      ".env: the variables take 1080009 bytes; at most 1000000 fit",
    ],
    [
      "V9 a variable named like a member of every object",
      { env: { constructor: "x" } },
      '.env.constructor: variable "constructor" is not allowed',
    ],
    [
      "a variable of the chart",
      { env: { PORT: "1" } },
      '.env.PORT: variable "PORT" is set by the chart',
    ],
    [
      "a secret outside the tenant's folder",
      { secrets: ["../t10/database"] },
      ".secrets[0]: secret \"../t10/database\" is no path; use segments of A-Z, a-z, 0-9, '-' and '_' between slashes",
    ],
    [
      "a path that is a pattern",
      { ingress: { path: "/a/../b{}" } },
      ".ingress.path: path \"/a/../b{}\" is not allowed; begin with \"/\" and use A-Z, a-z, 0-9, '-', '_', '~' and '.'",
    ],
    [
      "the whole internet",
      { egress: [{ cidr: "0.0.0.0/0", ports: [443] }] },
      '.egress[0].cidr: "0.0.0.0/0" is too wide; name the networks in question, /8 to /32, or /32 to /128 for IPv6',
    ],
    [
      "a cloud's metadata address",
      { egress: [{ cidr: "169.254.0.0/16", ports: [80] }] },
      '.egress[0].cidr: "169.254.0.0/16" holds a cloud\'s metadata address',
    ],
    [
      "the same as IPv6",
      { egress: [{ cidr: "fd00:ec2::/32", ports: [80] }] },
      '.egress[0].cidr: "fd00:ec2::/32" holds a cloud\'s metadata address',
    ],
    [
      "a host for an address range",
      { egress: [{ cidr: "db.example", ports: [5432] }] },
      '.egress[0].cidr: "db.example" is no address range; write one such as 10.20.0.0/16',
    ],
    [
      "no port to call",
      { egress: [{ cidr: "10.0.0.0/8", ports: [] }] },
      ".egress[0].ports: a list is too short; at least 1 allowed",
    ],
  ])("%s", (_what, api, problem) => {
    const problems = problemsOfApi(api);
    expect(problems.map((line) => line.replace(/^(tenant\.)?services\.api/, ""))).toEqual([
      problem,
    ]);
  });
});

test("accepts what Kubernetes accepts", () => {
  expect(
    problemsOfApi({
      labels: { "example.com/team": "", team: "web_Shop.2" },
      env: { http_proxy: "http://proxy:3128", _X1: "" },
      secrets: ["database", "mail/smtp_relay"],
      egress: [
        { cidr: "10.20.0.0/16", ports: [5432] },
        { cidr: "2001:db8::/32", ports: [1] },
      ],
      ingress: { path: "/v1/api.json" },
      resources: { requests: { cpu: "0.1", memory: "1e8" }, limits: { cpu: "1", memory: "1Gi" } },
    }),
  ).toEqual([]);
});

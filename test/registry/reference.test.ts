import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatReference,
  isRegistry,
  parseReference,
  referenceFault,
} from "../../lib/registry/reference";
import { sha256 } from "../../lib/support/digest";

const digest = sha256("content");

const chars = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";

const pathPart = fc
  .array(chars(LOWER, 1, 5), { minLength: 1, maxLength: 3 })
  .chain((words) =>
    fc.constantFrom(".", "_", "__", "-", "---").map((separator) => words.join(separator)),
  );
const repository = fc.array(pathPart, { minLength: 2, maxLength: 4 }).map((p) => p.join("/"));
const host = fc
  .array(chars(LOWER, 1, 8), { minLength: 2, maxLength: 4 })
  .map((labels) => labels.join("."));
const registry = fc.oneof(
  host,
  fc.tuple(host, fc.integer({ min: 1, max: 65_535 })).map(([h, port]) => `${h}:${port}`),
  fc.constantFrom("localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "[fe80::1]"),
);
const tag = fc
  .tuple(chars(`${LOWER}ABCXYZ_`, 1, 1), chars(`${LOWER}ABCXYZ_.-`, 0, 127))
  .map(([first, rest]) => first + rest);
const reference = fc.record(
  {
    registry,
    repository,
    tag,
    digest: fc.string().map((text) => sha256(text)),
  },
  { requiredKeys: ["registry", "repository"] },
);

describe("parseReference", () => {
  test("reads back every reference that is written", () => {
    fc.assert(
      fc.property(reference, (original) => {
        expect(parseReference(formatReference(original))).toEqual(original);
      }),
    );
  });

  test.each([
    ["nginx", { registry: "docker.io", repository: "library/nginx" }],
    ["nginx:1.27", { registry: "docker.io", repository: "library/nginx", tag: "1.27" }],
    ["grafana/grafana", { registry: "docker.io", repository: "grafana/grafana" }],
    ["docker.io/nginx", { registry: "docker.io", repository: "library/nginx" }],
    ["index.docker.io/a/b:c", { registry: "docker.io", repository: "a/b", tag: "c" }],
    ["localhost/app", { registry: "localhost", repository: "app" }],
    ["localhost:5000/app:1", { registry: "localhost:5000", repository: "app", tag: "1" }],
    ["r:5000/a/b", { registry: "r:5000", repository: "a/b" }],
    ["Registry/app", { registry: "Registry", repository: "app" }],
    [`a/b@${digest}`, { registry: "docker.io", repository: "a/b", digest }],
    [`ghcr.io/a/b:1@${digest}`, { registry: "ghcr.io", repository: "a/b", tag: "1", digest }],
  ])("reads %s", (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  test.each([
    "",
    "/",
    ":",
    "@",
    "..",
    "../x",
    "a/../b",
    "a//b",
    "/a",
    "a/",
    "a\\b",
    "%2e%2e/x",
    "a/b:1:2",
    "a/b:",
    "a/b:-1",
    `a/b:${"t".repeat(129)}`,
    "Upper",
    "a/Upper",
    "a/b c",
    " a/b",
    "a/b\n",
    "a/b\nkind: ClusterRoleBinding",
    "a\0b",
    "{{ .Values }}",
    "${pulumi.x}",
    "$(id)",
    "`id`",
    "-rf",
    "--kubeconfig=/x",
    "x;rm",
    "аpi/app",
    "a/\u202eppa",
    "user:pass@host/app",
    "https://ghcr.io/a/b",
    "host:0/app",
    "host:65536/app",
    "host:99999999/app",
    "-host.example/app",
    "[::1/app",
    "a".repeat(256),
    "a".repeat(100_000),
    "f".repeat(64),
    "__proto__",
  ])("fails for %j", (text) => {
    expect(() => parseReference(text)).toThrow(/^Invalid image reference:\n - /);
  });

  test.each([
    `a/b@sha512:${"0".repeat(128)}`,
    `a/b@md5:${"0".repeat(32)}`,
    `a/b@sha256:${"A".repeat(64)}`,
    `a/b@sha256:${"a".repeat(63)}`,
    `a/b@${digest}@${digest}`,
    "a/b@",
  ])("fails for the digest of %j (R5)", (text) => {
    expect(referenceFault(text)).toBe(
      "has a digest that is not sha256: and 64 lower-case hexadecimal digits",
    );
  });

  test("fails with a message in which foreign text is escaped and cut", () => {
    expect(() => parseReference(`a\u001b[2J${"b".repeat(300)}`)).toThrow(
      `"a\\u001b[2J${"b".repeat(95)}…" has a repository`,
    );
  });

  test("fails for a user and a password without telling them", () => {
    expect(() => parseReference("user:hunter2@registry.example/app:1.0")).toThrow(
      'Invalid image reference:\n - "<REDACTED>@registry.example/app:1.0" has a digest',
    );
  });

  test("never takes a text for a reference that it would write differently", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        if (referenceFault(text) !== undefined) return;
        const parsed = parseReference(text);
        expect(parseReference(formatReference(parsed))).toEqual(parsed);
      }),
    );
  });
});

test("isRegistry knows hosts and ports", () => {
  expect(["a", "a.b:1", "[::1]:5000", "127.0.0.1"].map(isRegistry)).not.toContain(false);
  expect(["", "a/b", "a:", "a:0", "a b", "a..b", "user@host"].map(isRegistry)).not.toContain(true);
});

import { Ajv2020 } from "ajv/dist/2020";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { isDnsLabel, tenantNamespace } from "../../lib/kubernetes/names";
import { UsageError } from "../../lib/support/problem";
import { parseStrict } from "../../lib/support/strict-schema";
import { TENANT_NAME, tenantSchema } from "../../lib/tenant/declaration";
import { MALICIOUS_NAMES } from "./malicious-names";

const acme = {
  name: "acme",
  regions: ["eu-west", "us-east"],
  quota: { cpu: "8", memory: "16Gi", storage: "100Gi", pods: 40 },
  secrets: ["database", "mail/smtp"],
  services: { api: { replicas: 3 } },
};

function problemsOf(declaration: unknown): string[] {
  try {
    parseStrict(tenantSchema, declaration, "tenant");
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe("a tenant's declaration", () => {
  test("is read as it was written", () => {
    expect(parseStrict(tenantSchema, acme, "tenant")).toEqual(acme);
  });

  test("needs only a name, a region, cpu and memory", () => {
    const smallest = { name: "t1", regions: ["eu"], quota: { cpu: "1", memory: "1Gi" } };
    expect(parseStrict(tenantSchema, smallest, "tenant")).toEqual(smallest);
  });

  test("fails with every problem at once", () => {
    const declaration = {
      name: "Acme",
      regions: ["eu west"],
      quota: { cpu: "0", memory: "-1Gi", pods: 0, disk: "1Gi" },
      secrets: ["../globex/database"],
    };
    expect(problemsOf(declaration)).toEqual([
      `name: tenant name "Acme" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`,
      `regions[0]: region name "eu west" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`,
      'quota.cpu: "0" is not above zero',
      'quota.memory: "-1Gi" is no quantity; write a number and a unit, such as 500m, 2 or 1.5Gi',
      "quota.pods: 0 is too small; at least 1 allowed",
      'quota: unknown key "disk"; known: "cpu", "memory", "storage", "pods"',
      `secrets[0]: secret "../globex/database" is no path; use segments of A-Z, a-z, 0-9, '-' and '_' between slashes`,
    ]);
  });

  test("fails for a region or a secret that stands twice", () => {
    const declaration = { ...acme, regions: ["eu", "us", "eu"], secrets: ["smtp", "smtp"] };
    expect(problemsOf(declaration)).toEqual([
      'regions[2]: "eu" is in the list twice; once is enough',
      'secrets[1]: "smtp" is in the list twice; once is enough',
    ]);
  });

  test.each(MALICIOUS_NAMES)("fails for the tenant name %j", (name) => {
    const problems = problemsOf({ ...acme, name });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^name: tenant name [\x20-\x7e]*(not allowed|are allowed|reserved)/,
    );
  });

  test.each(["", "/", "a/", "/a", "a//b", "..", "a/../b", "a.b", "*", "+", "a b", "a\n", "é"])(
    "fails for the secret path %j",
    (path) => expect(problemsOf({ ...acme, secrets: [path] })).toHaveLength(1),
  );

  test("fails for a key __proto__ among the services", () => {
    const hostile: unknown = JSON.parse('{ "__proto__": {} }');
    expect(problemsOf({ ...acme, services: hostile })).toEqual([
      'services.__proto__: key "__proto__" is not allowed',
    ]);
  });
});

test("the JSON schema of a tenant refuses what is refused here, so that an editor shows it", () => {
  const allows = new Ajv2020().compile(z.toJSONSchema(tenantSchema, { io: "input" }));
  const near = (...good: string[]) =>
    fc
      .tuple(fc.constantFrom(...good), fc.nat(8), fc.constantFrom("", "-", "0", "kube", "/", "Mi"))
      .map(([word, at, more]) => word.slice(0, at) + more + word.slice(at));
  const names = fc.oneof(near("acme", "kube-x", "default", "a".repeat(63)), fc.string());
  const quota = fc.oneof(near("8", "0", "500m", "1.5Gi", "1e3"), fc.string());
  const secrets = fc.oneof(near("database", "a/b", ".."), fc.string());
  fc.assert(
    fc.property(names, names, quota, secrets, (name, region, amount, secret) => {
      for (const change of [
        { name },
        { regions: [region] },
        { quota: { cpu: amount, memory: "1Gi" } },
        { secrets: [secret] },
      ]) {
        const declaration = { ...acme, ...change };
        expect(allows(declaration), JSON.stringify(change)).toBe(
          problemsOf(declaration).length === 0,
        );
      }
    }),
    { numRuns: 500 },
  );
});

describe("a tenant's namespace", () => {
  const anyName = fc.oneof(
    fc.stringMatching(/^[a-z0-9-]{1,60}$/),
    fc.string({ maxLength: 60 }),
    fc.constantFrom("t1", "t10", "t-1", "t--1", "tenant-t1", "a".repeat(56), ...MALICIOUS_NAMES),
  );

  test("V12 P5-4 no two accepted names share one, and each is a DNS label", () => {
    fc.assert(
      fc.property(anyName, anyName, (a, b) => {
        fc.pre([a, b].every((name) => TENANT_NAME.problem(name) === undefined));
        expect(isDnsLabel(tenantNamespace(a))).toBe(true);
        expect(tenantNamespace(a) === tenantNamespace(b)).toBe(a === b);
      }),
      { numRuns: 500 },
    );
  });
});

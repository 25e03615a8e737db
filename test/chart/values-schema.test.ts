import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";

import { CIDR } from "../../lib/chart/cidr-rule";
import { chartDefaults } from "../../lib/chart/defaults";
import * as rules from "../../lib/chart/service-rules";
import {
  chartValuesJsonSchema,
  helmValuesSchema,
  inHelmsWords,
} from "../../lib/chart/values-schema";
import { labelKeyRule, LABEL_VALUE } from "../../lib/kubernetes/label-syntax";
import { dnsLabelRule, dnsSubdomainRule, nameRule } from "../../lib/kubernetes/names";
import { QUANTITY } from "../../lib/kubernetes/quantity-problem";
import { SECRET_PATH } from "../../lib/kubernetes/secret-path";
import { UsageError } from "../../lib/support/problem";
import { parseStrict } from "../../lib/support/strict-schema";
import { ruledString, stringRule } from "../../lib/support/string-rule";
import type { StringRule } from "../../lib/support/string-rule";
import { MALICIOUS, NASTY, imageReference, images } from "./fixture";

const ajv = new Ajv({ allowUnionTypes: true });
const schema = chartValuesJsonSchema() as ReturnType<typeof chartValuesJsonSchema> & {
  readonly properties: Readonly<Record<"global" | "services", ObjectSchema>>;
};

const text = fc.oneof(
  fc.constantFrom(...NASTY, ...MALICIOUS, "\u007f", "\u0085", "\u009f", "\ufffe", "\uffff"),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme-ascii" }),
  fc
    .tuple(fc.constantFrom("a", "0", "a.", "/a", "\u{1f600}"), fc.integer({ min: 25, max: 330 }))
    .map(([part, times]) => part.repeat(times)),
);

describe.each<[string, StringRule, readonly string[]]>([
  ["a name", nameRule(), ["a", "eu-west", "t10"]],
  ["a name of 56 characters", nameRule({ longest: 56 }), ["acme"]],
  ["a service's name", rules.SERVICE_NAME, ["api", "constructor"]],
  ["an image's name", rules.IMAGE_NAME, ["api", "7-zip"]],
  ["an issuer", rules.ISSUER, ["atom", "default"]],
  ["a DNS label", dnsLabelRule(String), ["a", "default"]],
  ["a DNS name", dnsSubdomainRule(String), ["eu.atom.example", "kube-system"]],
  ["a variable's name", rules.ENV_NAME, ["http_proxy", "_X1"]],
  ["a variable's value", rules.ENV_VALUE, ["", "a\nb\t{{ .Values }}", "\u{1f600}\u00a0"]],
  ["a label's key", rules.LABEL_KEY, ["team", "example.com/team", "k8s.io"]],
  ["any label's key", labelKeyRule(), ["kubernetes.io/name"]],
  ["a label's value", LABEL_VALUE, ["", "web_Shop.2"]],
  ["a path", rules.INGRESS_PATH, ["/", "/v1/api.json", "/a/b/"]],
  ["a secret", SECRET_PATH, ["database", "mail/smtp_relay"]],
  ["a quantity", QUANTITY, ["100m", "1.5Gi", "1e3", "0.5", "512Mi", "1", "2E2", "1E"]],
  ["an address range", CIDR, ["10.0.0.0/8", "2001:db8::/32"]],
])("the rule for %s", (_what, rule, good) => {
  const allows = ajv.compile({ type: "string", ...rule.schema });

  test("takes what people write", () => {
    expect(good.map(rule.problem)).toEqual(good.map(() => undefined));
  });

  test("is the same in JSON schema", () => {
    const close = fc
      .tuple(fc.constantFrom(...good), fc.nat(12), fc.nat(2), text)
      .map(([like, at, cut, more]) => like.slice(0, at) + more + like.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(text, close), (candidate) => {
        expect(allows(candidate)).toBe(rule.problem(candidate) === undefined);
      }),
      { numRuns: 500 },
    );
  });
});

test("a key that a rule refuses as a word is refused as that word, not as a pattern", () => {
  const problem = () => "is taken";
  const rule = stringRule({
    pattern: "^[a-z.+|]+$",
    problem,
    not: [{ words: ["a.b", "c+", "d|e"], problem }],
  });
  const keyed = z.record(ruledString(rule, "a key"), z.literal(1));
  const allows = ajv.compile(inHelmsWords(z.toJSONSchema(keyed, { target: "draft-7" })) as object);
  const allowed = (key: string) => allows({ [key]: 1 });
  expect(["a.b", "c+", "d|e"].map(allowed)).toEqual([false, false, false]);
  expect(["axb", "cc", "d", "e"].map(allowed)).toEqual([true, true, true, true]);
});

/** Every member of a name, anywhere in a value. */
function membersOf(value: unknown, name: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, member]) => {
    const inside = membersOf(member, name);
    return key === name ? [member, ...inside] : inside;
  });
}

const good = {
  tenant: "acme",
  region: "eu-west",
  domain: "eu.atom.example",
  release: "7.2.0-rc.1+build.5",
  vault: {
    address: "https://[fd12::1]:8200/",
    mount: "atom",
    role: "acme",
    audience: "https://kubernetes.default.svc",
    secrets: ["database"],
  },
  images: { ...images, "api:7.1.0": imageReference("api") },
  ...chartDefaults,
  services: {
    ...chartDefaults.services,
    console: null,
    reports: {
      image: "worker",
      port: 8090,
      replicas: null,
      env: { A: "1", B: null },
      labels: { "example.com/team": "web" },
      secrets: ["mail/smtp"],
      egress: [{ cidr: "10.20.0.0/16", ports: [5432] }],
      resources: { limits: { memory: "1.5Gi" } },
    },
  },
  global: { anything: [1, null] },
};

describe("the schema of the Helm chart's values", () => {
  const allows = ajv.compile(schema);
  const isTaken = (values: unknown) => {
    try {
      parseStrict(helmValuesSchema, values, "values");
      return true;
    } catch (error) {
      if (error instanceof UsageError) return false;
      throw error;
    }
  };

  test("takes a tenant's values over the chart's, and nothing less", () => {
    expect([allows(good), isTaken(good)]).toEqual([true, true]);
    const { vault, ingress, global, ...required } = good;
    expect([vault, ingress, global].includes(undefined as never)).toBe(false);
    expect([allows(required), isTaken(required)]).toEqual([true, true]);
    for (const name of Object.keys(required)) {
      const less = Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
      expect([name, allows(less), isTaken(less)]).toEqual([name, false, false]);
    }
  });

  test("refuses what the chart refuses, wherever it stands", () => {
    const value = fc.oneof(
      text,
      fc.constantFrom(null, true, 0, 1, 1.5, -1, 80, 8090, 65_536, 1e300, "", "1"),
      fc.constantFrom<unknown[]>([], [1], ["a", "a/b"], {}, { a: 1 }, { cpu: "1" }),
      fc.constant(Array.from({ length: 51 }, () => "database")),
    );
    fc.assert(
      fc.property(changed(good, value), (values) => {
        expect(allows(values)).toBe(isTaken(values));
      }),
      { numRuns: 3000 },
    );
  });

  test.each<[map: string, rule: StringRule, good: readonly string[], value: unknown]>([
    ["services", rules.SERVICE_NAME, ["api", "operator", "kube-x"], { image: "api", port: 8080 }],
    ["env", rules.ENV_NAME, ["PORT", "PORTS", "__proto__"], "1"],
    ["labels", rules.LABEL_KEY, ["team", "a.example/b", "constructor", "k8s.io/a"], "a"],
    ["volumes", rules.VOLUME_NAME, ["cache", "tmp", "default"], "1Mi"],
  ])("takes what the rule takes for a key of %s", (map, rule, likely, value) => {
    const { services } = schema.properties;
    const own = Object.values(services.patternProperties!)[0]!.properties!;
    const takes = ajv.compile(map === "services" ? services : own[map]!);
    const near = fc
      .tuple(fc.constantFrom(...likely), fc.nat(8), text)
      .map(([word, at, more]) => word.slice(0, at) + more + word.slice(at));
    const long = fc.integer({ min: 60, max: 256 }).map((length) => "a".repeat(length));
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...likely), near, long), (key) => {
        expect(takes(Object.fromEntries([[key, value]]))).toBe(rule.problem(key) === undefined);
      }),
      { numRuns: 500 },
    );
  });

  test("has patterns that RE2 reads as ECMAScript does", () => {
    const patterns = [
      ...(membersOf(schema, "pattern") as string[]),
      ...membersOf(schema, "patternProperties").flatMap((keys) => Object.keys(keys as object)),
    ];
    expect(patterns.length).toBeGreaterThan(20);
    // Look-around, back references, classes and escapes that mean something else there, and counts
    // above 1000.
    const foreign = /\(\?|\\[^.+x[\]]|\[:|&&|\{([0-9]+,)?[0-9]{4,}\}/;
    expect(patterns.filter((pattern) => foreign.test(pattern))).toEqual([]);
  });

  test("is of draft 7, contained in itself, and allows no unknown field", () => {
    expect(schema["$schema"]).toBe("http://json-schema.org/draft-07/schema#");
    expect(membersOf(schema, "$ref")).toEqual([]);
    const open = objectsIn(schema).filter((one) => one.additionalProperties !== false);
    expect(open).toEqual([schema.properties.global]);
  });

  test("checks keys by patterns: of propertyNames Helm's validator says where it fails at random", () => {
    expect(membersOf(schema, "propertyNames")).toEqual([]);
    const service = Object.values(schema.properties.services.patternProperties!)[0]!;
    expect(service.properties?.["env"]).toEqual({
      description: "environment variables (default none)",
      type: ["object", "null"],
      patternProperties: {
        "^[A-Za-z_][A-Za-z0-9_]*$": expect.objectContaining({ type: ["string", "null"] }) as object,
        "^.{254}": false,
        "^(__proto__|constructor|prototype)$": false,
        "^(ATOM_REGION|ATOM_SECRETS|ATOM_TENANT|METRICS_PORT|PORT)$": false,
      },
      additionalProperties: false,
    });
  });

  test("describes every field", () => {
    const silent = objectsIn(schema).flatMap(({ properties = {} }) =>
      Object.entries(properties).filter(([, { description }]) => description === undefined),
    );
    expect(silent).toEqual([]);
  });

  test("is the same whenever it is made", () => {
    expect(JSON.stringify(chartValuesJsonSchema())).toBe(JSON.stringify(schema));
  });
});

interface ObjectSchema {
  readonly type?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, ObjectSchema>>;
  readonly patternProperties?: Readonly<Record<string, ObjectSchema>>;
  readonly additionalProperties?: unknown;
}

/** Every schema of an object in a schema. */
function objectsIn(value: unknown): ObjectSchema[] {
  if (typeof value !== "object" || value === null) return [];
  const { type } = value as ObjectSchema;
  const isObject = type === "object" || (Array.isArray(type) && type.includes("object"));
  const inside = Object.values(value as Record<string, unknown>).flatMap(objectsIn);
  return isObject ? [value, ...inside] : inside;
}

/** A value in which one member, at any depth, is another, is missing, or has a brother. */
function changed(value: object, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const copy = fc
    .constantFrom(...placesIn(value))
    .chain((place) =>
      fc.tuple(fc.constant(place), fc.constantFrom("set", "remove", "add"), text, other),
    );
  return copy.map(([place, how, name, member]) => {
    const whole = structuredClone(value) as Record<string, unknown>;
    const parent = place
      .slice(0, -1)
      .reduce<Record<string, unknown>>(
        (object, key) => object[key] as Record<string, unknown>,
        whole,
      );
    const last = place.at(-1)!;
    if (how === "remove" && !Array.isArray(parent)) delete parent[last];
    else if (how === "add" && !Array.isArray(parent)) define(parent, name, member);
    else define(parent, last, member);
    return whole;
  });
}

/** Not by assignment, for which "__proto__" is no key. */
function define(object: object, key: string, value: unknown): void {
  const property = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(object, key, property);
}

/** The path of every member, save for those below `global`, where anything may stand. */
function placesIn(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null || at[0] === "global") return [];
  return Object.entries(value).flatMap(([key, member]) => [
    [...at, key],
    ...placesIn(member, [...at, key]),
  ]);
}

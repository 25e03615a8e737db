import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffObjects } from "../../lib/kubernetes/diff-objects";
import { pathText } from "../../lib/kubernetes/diff-path";
import type { KubernetesObject } from "../../lib/kubernetes/object";

type Fields = Record<string, unknown>;

const deployment = (spec: Fields, more: Fields = {}): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", namespace: "tenant-acme" },
  spec,
  ...more,
});
const configMap = (data: Fields, kind = "ConfigMap"): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "api", namespace: "tenant-acme" },
  data,
});

/** The changes inside of the one object that differs. */
function fieldsBetween(
  before: KubernetesObject,
  after: KubernetesObject,
  whole = true,
): readonly unknown[] {
  const changes = diffObjects([before], [after], { whole });
  expect(changes.map(({ change }) => change)).toEqual(changes.map(() => "changed"));
  return changes.flatMap(({ fields }) => fields);
}

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, leaf, tie("map"), fc.array(tie("tree"), { maxLength: 4 })),
  map: fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4 }),
}));
const objects = fc.array(
  fc
    .record({ name: fc.stringMatching(/^[a-z]{1,8}$/), spec: tree })
    .map(({ name, spec }): KubernetesObject => ({
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name },
      spec,
    })),
  { maxLength: 4 },
);

interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Every leaf below a value; an empty map or list is one, too. */
function leavesOf(value: unknown, path: readonly (string | number)[] = []): Leaf[] {
  const members: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item: unknown, index): [number, unknown] => [index, item])
    : typeof value === "object" && value !== null
      ? Object.entries(value)
      : [];
  return members.length === 0
    ? [{ path, value }]
    : members.flatMap(([key, member]) => leavesOf(member, [...path, key]));
}

function withLeaf(value: unknown, path: readonly (string | number)[], leaf: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return leaf;
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      index === step ? withLeaf(item, rest, leaf) : (item as unknown),
    );
  }
  return Object.fromEntries(
    Object.entries(value as Fields).map(([key, member]) => [
      key,
      key === step ? withLeaf(member, rest, leaf) : member,
    ]),
  );
}

describe("two equal sets of objects", () => {
  test("have no difference, whatever is in them and in whatever order they come", () => {
    fc.assert(
      fc.property(objects, fc.boolean(), (some, whole) => {
        const names = new Map(some.map((object) => [object.metadata.name, object]));
        const copy = structuredClone([...names.values()]).reverse();
        expect(diffObjects(some, copy, { whole })).toEqual([]);
      }),
    );
  });
});

describe("one leaf that is another", () => {
  test("is the one difference, with its path", () => {
    const target = fc.tuple(tree, fc.nat(), fc.boolean());
    fc.assert(
      fc.property(target, ([spec, nth, whole]) => {
        const leaves = leavesOf(spec);
        const { path, value } = leaves[nth % leaves.length]!;
        // Items are told apart by it, so that another one makes another item.
        fc.pre(path.at(-1) !== "name");
        const object: Fields = { ...deployment({}), spec };
        const changed = withLeaf(object, ["spec", ...path], "another leaf, which nothing else is");
        expect(diffObjects([object as never], [changed as never], { whole })).toEqual([
          {
            change: "changed",
            apiVersion: "apps/v1",
            object: "Deployment tenant-acme/api",
            fields: [
              {
                path: pathText(["spec", ...withNames(spec, path)]),
                before: value,
                after: "another leaf, which nothing else is",
              },
            ],
          },
        ]);
      }),
      { numRuns: 500 },
    );
  });
});

/** The path in the words of a difference, which names an item by its `name` where all have one. */
function withNames(value: unknown, path: readonly (string | number)[]) {
  let at = value;
  return path.map((step) => {
    const around = at;
    at = (around as Fields)[step];
    if (!Array.isArray(around)) return step;
    const names = around.map((item) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? (item as Fields)["name"]
        : undefined,
    );
    const each = names.every((name) => typeof name === "string");
    return each && new Set(names).size === names.length ? { name: names[step as number]! } : step;
  });
}

describe("objects", () => {
  const other = { ...deployment({}), metadata: { name: "worker", namespace: "tenant-acme" } };

  test("are added, removed and changed, in the order of kind, namespace and name", () => {
    expect(
      diffObjects(
        [deployment({ replicas: 1 }), configMap({})],
        [deployment({ replicas: 2 }), other],
      ),
    ).toEqual([
      { change: "removed", apiVersion: "v1", object: "ConfigMap tenant-acme/api", fields: [] },
      {
        change: "changed",
        apiVersion: "apps/v1",
        object: "Deployment tenant-acme/api",
        fields: [{ path: "spec.replicas", before: 1, after: 2 }],
      },
      {
        change: "added",
        apiVersion: "apps/v1",
        object: "Deployment tenant-acme/worker",
        fields: [],
      },
    ]);
  });

  test("are the same in another version of their API, which is a field that differs", () => {
    const hpa = (version: string): KubernetesObject => ({
      ...deployment({}),
      apiVersion: `autoscaling/${version}`,
    });
    expect(fieldsBetween(hpa("v1"), hpa("v2"))).toEqual([
      { path: "apiVersion", before: "autoscaling/v1", after: "autoscaling/v2" },
    ]);
    expect(diffObjects([deployment({})], [hpa("v2")])).toHaveLength(2);
  });
});

describe("items of a list", () => {
  test("are matched by name, and their order is a difference of its own", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => ({ name, value: name }));
    const env = (...items: unknown[]) => deployment({ env: items });
    expect(fieldsBetween(env(a, b), env(b, { ...a, value: "A" }, c))).toEqual([
      { path: "spec.env", before: ["a", "b"], after: ["b", "a"] },
      { path: "spec.env[name=a].value", before: "a", after: "A" },
      { path: "spec.env[name=c]", after: c },
    ]);
  });

  test("without names are matched by their index", () => {
    expect(
      fieldsBetween(deployment({ args: ["a", "b"] }), deployment({ args: ["a", "c", "d"] })),
    ).toEqual([
      { path: "spec.args[1]", before: "b", after: "c" },
      { path: "spec.args[2]", after: "d" },
    ]);
  });
});

describe("what only the object before has", () => {
  const before = deployment({ replicas: 1, strategy: {}, ports: [{ port: 1 }, { port: 2 }] });
  const after = deployment({ replicas: 1, ports: [{ port: 1 }] });

  test("is gone, if the whole is compared", () => {
    expect(fieldsBetween(before, after)).toEqual([
      { path: "spec.ports[1]", before: { port: 2 } },
      { path: "spec.strategy", before: {} },
    ]);
  });

  test("is the server's own, if only what was written is compared; an item more is not", () => {
    expect(fieldsBetween(before, after, false)).toEqual([
      { path: "spec.ports[1]", before: { port: 2 } },
    ]);
  });
});

describe("quantities", () => {
  const limits = (cpu: unknown) => deployment({ resources: { limits: { cpu } } });

  test.each([
    ["1000m", "1"],
    ["0.5", "500m"],
    [2, "2"],
  ])("%s and %s are worth the same", (before, after) => {
    expect(diffObjects([limits(before)], [limits(after)])).toEqual([]);
  });

  test("that differ are shown as they were written", () => {
    expect(fieldsBetween(limits("1000m"), limits("2"))).toEqual([
      { path: "spec.resources.limits.cpu", before: "1000m", after: "2" },
    ]);
  });

  test("are text where they are the user's own", () => {
    expect(fieldsBetween(configMap({ limits: "1000m" }), configMap({ limits: "1" }))).toEqual([
      { path: "data.limits", before: "1000m", after: "1" },
    ]);
  });
});

describe("what is secret", () => {
  const CANARY = "canary-5b1d9e";

  test("is a mark in all that a Secret holds, on both sides", () => {
    const [a, b] = [
      { user: `${CANARY}1`, same: CANARY },
      { user: `${CANARY}2`, same: CANARY },
    ];
    expect(fieldsBetween(configMap(a, "Secret"), configMap(b, "Secret"))).toEqual([
      { path: "data.user", before: "<REDACTED>", after: "<REDACTED>" },
    ]);
  });

  test.each(["password", "DB_PASSWD", "smtp.token", "apiKey", "SIGNING_KEY", "client-secret"])(
    "is a mark in a ConfigMap's entry %s",
    (entry) => {
      const fields = fieldsBetween(configMap({ [entry]: `${CANARY}1` }), configMap({}));
      expect(fields).toEqual([{ path: expect.any(String) as string, before: "<REDACTED>" }]);
    },
  );

  test.each(["LOG_LEVEL", "KEYBOARD", "passage", "monkey"])("is not in %s", (entry) => {
    const fields = fieldsBetween(configMap({}), configMap({ [entry]: "info" }));
    expect(fields).toEqual([{ path: `data.${entry}`, after: "info" }]);
  });

  test.each<[where: string, before: KubernetesObject, after: KubernetesObject]>([
    ["data as a whole", deployment({}), configMap({ password: CANARY })],
    ["an address", configMap({}), configMap({ DATABASE_URL: `postgres://acme:${CANARY}@db/acme` })],
    [
      "a variable",
      deployment({ env: [{ name: "DB_PASSWORD", value: "old" }] }),
      deployment({ env: [{ name: "DB_PASSWORD", value: CANARY }] }),
    ],
    ["all variables", deployment({}), deployment({ env: [{ name: "A_TOKEN", value: CANARY }] })],
    [
      "what kubectl has applied",
      configMap({}),
      {
        ...configMap({}),
        metadata: {
          name: "api",
          namespace: "tenant-acme",
          annotations: { "kubectl.kubernetes.io/last-applied-configuration": CANARY },
        },
      },
    ],
  ])("is a mark in %s", (_, before, after) => {
    const renamed = { ...before, kind: after.kind, apiVersion: after.apiVersion };
    const changes = JSON.stringify(diffObjects([renamed], [after]));
    expect(changes).toContain("<REDACTED>");
    expect(changes).not.toContain(CANARY);
  });
});

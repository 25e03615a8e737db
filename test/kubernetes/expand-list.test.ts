import fc from "fast-check";
import { expect, test } from "vitest";

import { expandList } from "../../lib/kubernetes/expand-list";
import type { KubernetesObject } from "../../lib/kubernetes/object";

const pod = (name: string) => ({ apiVersion: "v1", kind: "Pod", metadata: { name } });
const list = (items: unknown, kind = "List") =>
  ({ apiVersion: "v1", kind, items }) as unknown as KubernetesObject;

test("an object stands for itself", () => {
  expect(expandList(pod("a"))).toEqual([pod("a")]);
});

test("lists in lists come out in order", () => {
  expect(expandList(list([pod("a"), list([list([pod("b")]), list([])]), pod("c")]))).toEqual([
    pod("a"),
    pod("b"),
    pod("c"),
  ]);
});

test("an item of a typed list gets the kind and version that the list has for it", () => {
  const items = [{ metadata: { name: "a" } }, { kind: "Pod", metadata: { name: "b" } }];
  expect(expandList(list(items, "PodList"))).toEqual([pod("a"), pod("b")]);
});

test("an item of a typed list that says what it is stays that", () => {
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "r" },
  };
  expect(expandList(list([role], "PodList"))).toEqual([role]);
});

test("an object whose kind ends like a list's and holds no items is no list", () => {
  const allow = { apiVersion: "example.com/v1", kind: "AllowList", metadata: { name: "a" } };
  expect(expandList(allow)).toEqual([allow]);
});

test("items that are no list leave the list as it is, so that somebody sees it", () => {
  expect(expandList(list("x", "PodList"))).toEqual([list("x", "PodList")]);
});

test("items that are no objects come back as they are", () => {
  expect(expandList(list([null, "x", 7, [], pod("a")], "PodList"))).toEqual([
    null,
    "x",
    7,
    [],
    pod("a"),
  ]);
});

test("S10 a list that holds itself ends", () => {
  const items: unknown[] = [pod("a")];
  const loop = list(items);
  items.push(loop);
  expect(expandList(loop)).toEqual([pod("a"), loop]);
});

test("S10 a list of 10,000 levels ends, and its rest comes back as a list", () => {
  let deep = list([pod("a")]);
  for (let level = 0; level < 10_000; level += 1) deep = list([deep]);
  expect(expandList(deep).map(({ kind }) => kind)).toEqual(["List"]);
});

test("however objects are wrapped, the same ones come out", () => {
  const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      tie("leaf"),
      fc.array(tie("tree"), { maxLength: 4 }).map((i) => list(i)),
    ),
    leaf: fc.string().map(pod),
  }));
  const leaves = (node: unknown): unknown[] => {
    const { kind, items } = node as { kind: string; items: unknown[] };
    return kind === "List" ? items.flatMap(leaves) : [node];
  };
  fc.assert(
    fc.property(tree, (node) => {
      expect(expandList(node as KubernetesObject)).toEqual(leaves(node));
    }),
  );
});

test("an object of any kind that has items is what kubectl applies: its items, and not itself", () => {
  const config = (items: unknown) =>
    ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, items }) as never;
  expect(expandList(config([pod("a")]))).toEqual([pod("a")]);
  expect(expandList(config([]))).toEqual([]);
  expect(expandList(config(null))).toEqual([]);
});

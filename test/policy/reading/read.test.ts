import { describe, expect, test } from "vitest";

import {
  eachElement,
  fieldOf,
  listAt,
  MalformedError,
  recordAt,
  textsAt,
  valueAt,
} from "../../../lib/policy/reading/read";

const container = {
  ports: [{ hostPort: 80 }, {}],
  securityContext: { capabilities: { drop: ["ALL"], add: null } },
  env: "x",
  args: ["a", 1],
  labels: { "atom.cloud/tenant": "acme" },
};

test("a value is read through objects and lists", () => {
  expect(valueAt(container, "ports", 0, "hostPort")).toBe(80);
  expect(valueAt(container, "labels", "atom.cloud/tenant")).toBe("acme");
  expect(textsAt(container, "securityContext", "capabilities", "drop")).toEqual(["ALL"]);
});

test("what is missing or null is undefined, or an empty list", () => {
  expect(valueAt(container, "ports", 1, "hostPort")).toBeUndefined();
  expect(valueAt(container, "ports", 7, "hostPort", "deeper")).toBeUndefined();
  expect(valueAt(null, "a", "b")).toBeUndefined();
  expect(recordAt(container, "lifecycle", "preStop")).toBeUndefined();
  expect(listAt(container, "securityContext", "capabilities", "add")).toEqual([]);
});

test("inherited fields are not there", () => {
  expect(valueAt(container, "constructor")).toBeUndefined();
  expect(valueAt(container, "labels", "__proto__")).toBeUndefined();
});

test("elements come with their places, up to the first that is malformed", () => {
  const visited: unknown[] = [];
  const visit = (element: unknown, place: string) => visited.push([place, element]);
  eachElement(container, ["ports"], visit);
  eachElement(container, ["missing"], visit);
  expect(() => eachElement([{ a: 1 }, null, {}], [], visit)).toThrow("is no object");
  expect(visited).toEqual([
    [".ports[0]", { hostPort: 80 }],
    [".ports[1]", {}],
    ["[0]", { a: 1 }],
  ]);
});

describe("malformed", () => {
  test.each<[string, string, () => unknown]>([
    [".env", "is no object", () => valueAt(container, "env", "name")],
    [".env", "is no list", () => listAt(container, "env")],
    [".env", "is no list", () => valueAt(container, "env", 0)],
    [".ports", "is no object", () => recordAt(container, "ports")],
    [".ports", "is no object", () => valueAt(container, "ports", "hostPort")],
    [".args[0]", "is no object", () => eachElement(container, ["args"], () => undefined)],
    [
      ".ports[0].hostPort",
      "is no list",
      () => eachElement(container, ["ports"], (port) => listAt(port, "hostPort")),
    ],
    [".args[1]", "is no text", () => textsAt(container, "args")],
    ["", "is no object", () => recordAt("x")],
  ])("fails at '%s': %s", (field, message, read) => {
    let thrown: unknown;
    try {
      read();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toEqual(new MalformedError(field, message));
    expect((thrown as MalformedError).field).toBe(field);
  });
});

test("fieldOf writes a path as a reader would", () => {
  expect(fieldOf(["spec", "volumes", 0, "hostPath"])).toBe(".spec.volumes[0].hostPath");
  expect(fieldOf(["labels", "a.b/c", 'x"y'])).toBe('.labels["a.b/c"]["x\\"y"]');
  expect(fieldOf([])).toBe("");
});

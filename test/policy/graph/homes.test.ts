import { expect, test } from "vitest";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import { homes } from "../../../lib/policy/graph/homes";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";

const scope = { cluster: "eu", tenant: "acme" };

/** The homes of a graph with one object of the kind Namespace. */
function homesOf(apiVersion: unknown) {
  const object = {
    apiVersion: apiVersion as string,
    kind: "Namespace",
    metadata: { name: "tenant-acme", namespace: "elsewhere" },
  };
  const graph = new ResourceGraph({ objects: [{ id: "it", scope, object }] });
  return homes(graph).all.map(({ namespace, owner, kinds }) => ({ namespace, owner, kinds }));
}

test.each(["v1", "/v1", UNKNOWN, undefined])("a Namespace of %s makes a home", (apiVersion) => {
  expect(homesOf(apiVersion)).toEqual([
    { namespace: "tenant-acme", owner: "acme", kinds: ["Namespace"] },
  ]);
});

test("one of another API group makes none, and is no Namespace where it lives", () => {
  expect(homesOf("example.com/v1")).toEqual([
    { namespace: "elsewhere", owner: undefined, kinds: ["Namespace.example.com"] },
  ]);
});

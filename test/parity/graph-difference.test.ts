import { describe, expect, test } from "vitest";
import type { StackResource } from "../../lib/policy/graph/stack-resource";
import { graphDifference } from "../engine/parity/graph-difference";
import type { StackGraph } from "../engine/parity/stack-graph";

const API: StackResource = {
  type: "kubernetes:apps/v1:Deployment",
  name: "api",
  urn: "urn:api",
  inputs: {
    spec: { replicas: 3, "a/b": [{}, []] },
    data: { "atom.yaml": "version: 1\nname: a\n" },
  },
  dependencies: ["urn:namespace", "urn:role"],
  protect: false,
};

const graph = (...resources: readonly StackResource[]): StackGraph =>
  new Map(resources.map((resource) => [resource.urn, resource]));

describe("the difference of two graphs", () => {
  test("is empty for equal ones", () => {
    expect(graphDifference(graph(API), graph(structuredClone(API)))).toBe("");
  });

  test("names resource, place and both values", () => {
    const other: StackResource = {
      ...API,
      inputs: {
        spec: { replicas: "3", "a/b": [[], []] },
        data: { "atom.yaml": "version: 1\nname: b\n" },
      },
      dependencies: ["urn:role"],
      provider: "urn:provider",
    };
    expect(
      graphDifference(
        graph(API, { ...API, urn: "urn:gone" }),
        graph({ ...API, urn: "urn:added" }, other),
      ),
    ).toBe(
      [
        "+ urn:added",
        "  urn:api",
        "- dependencies: urn:namespace",
        '- inputs.data["atom.yaml"], line 2: name: a',
        '+ inputs.data["atom.yaml"], line 2: name: b',
        "- inputs.spec.replicas: 3",
        '+ inputs.spec.replicas: "3"',
        '- inputs.spec["a/b"][0]: {}',
        '+ inputs.spec["a/b"][0]: []',
        '+ provider: "urn:provider"',
        "- urn:gone",
      ].join("\n"),
    );
  });
});

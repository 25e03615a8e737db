import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { recordStack } from "../../lib/simulation/record-stack";
import { Secret } from "../../lib/support/secret";
import { packageVersions } from "../../lib/support/versions";

class Pair extends pulumi.ComponentResource {
  constructor(name: string, args: { token: pulumi.Input<string> }) {
    super("test:index:Pair", name, args);
    const first = new kubernetes.core.v1.Namespace(
      `${name}-a`,
      { metadata: { name: "a" } },
      { parent: this, protect: true },
    );
    new kubernetes.core.v1.ConfigMap(
      `${name}-b`,
      { metadata: { name: "b", namespace: "a" } },
      { parent: this, dependsOn: [first] },
    );
    this.registerOutputs();
  }
}

describe("a recorded stack", () => {
  test("has what mocks leave out: parents, dependencies, protection and secret marks", async () => {
    const { resources } = await recordStack(
      () => void new Pair("pair", { token: pulumi.secret("hidden-value") }),
      { project: "p", stack: "s" },
    );
    const pair = "urn:pulumi:s::p::test:index:Pair::pair";
    const first = "urn:pulumi:s::p::test:index:Pair$kubernetes:core/v1:Namespace::pair-a";
    expect(resources).toEqual(
      [
        {
          type: "test:index:Pair",
          name: "pair",
          urn: pair,
          inputs: { token: Secret.of("hidden-value") },
          dependencies: [],
          protect: false,
        },
        {
          type: "kubernetes:core/v1:ConfigMap",
          name: "pair-b",
          urn: "urn:pulumi:s::p::test:index:Pair$kubernetes:core/v1:ConfigMap::pair-b",
          parent: pair,
          inputs: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b", namespace: "a" } },
          dependencies: [first],
          protect: false,
        },
        {
          type: "kubernetes:core/v1:Namespace",
          name: "pair-a",
          urn: first,
          parent: pair,
          inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } },
          dependencies: [],
          protect: true,
        },
      ].sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    );
    expect(JSON.stringify(resources)).not.toContain("hidden-value");
  });

  test("has the engine's URNs, its providers with their versions, and what is only read", async () => {
    class Outer extends pulumi.ComponentResource {
      constructor() {
        super("test:index:Outer", "outer");
        const provider = new kubernetes.Provider("cluster", { kubeconfig: "k" }, { parent: this });
        const inner = new pulumi.ComponentResource(
          "test:index:Inner",
          "inner",
          {},
          { parent: this },
        );
        new kubernetes.core.v1.Namespace("a", {}, { parent: inner, provider });
        new pulumi.StackReference("organization/p/other");
      }
    }
    const { resources } = await recordStack(() => void new Outer(), {
      project: "p",
      stack: "s",
      references: { "organization/p/other": {} },
    });
    const outer = "urn:pulumi:s::p::test:index:Outer::outer";
    const inner = "urn:pulumi:s::p::test:index:Outer$test:index:Inner::inner";
    const provider = "urn:pulumi:s::p::test:index:Outer$pulumi:providers:kubernetes::cluster";
    const common = { dependencies: [], protect: false };
    expect(resources).toEqual([
      {
        ...common,
        type: "pulumi:pulumi:StackReference",
        name: "organization/p/other",
        urn: "urn:pulumi:s::p::pulumi:pulumi:StackReference::organization/p/other",
        inputs: { name: "organization/p/other" },
      },
      {
        ...common,
        type: "pulumi:providers:kubernetes",
        name: "cluster",
        urn: provider,
        parent: outer,
        inputs: { kubeconfig: "k", version: packageVersions()["@pulumi/kubernetes"] },
      },
      {
        ...common,
        type: "kubernetes:core/v1:Namespace",
        name: "a",
        urn: "urn:pulumi:s::p::test:index:Outer$test:index:Inner$kubernetes:core/v1:Namespace::a",
        parent: inner,
        provider,
        inputs: { apiVersion: "v1", kind: "Namespace" },
      },
      { ...common, type: "test:index:Inner", name: "inner", urn: inner, parent: outer, inputs: {} },
      { ...common, type: "test:index:Outer", name: "outer", urn: outer, inputs: {} },
    ]);
  });

  test("holds UNKNOWN where a preview cannot know", async () => {
    const { resources } = await recordStack(() => {
      const source = new kubernetes.core.v1.Namespace("source", {});
      new kubernetes.core.v1.Namespace("copy", {
        metadata: { name: source.status.apply((status) => status.phase) },
      });
    });
    const copy = resources.find(({ name }) => name === "copy");
    expect(copy?.inputs["metadata"]).toEqual({ name: UNKNOWN });
  });

  test("gives outputs, secret ones as secrets, and reads the stacks before it", async () => {
    const platform = await recordStack(
      () => ({ namespace: pulumi.output("ns"), token: pulumi.secret("hidden-value") }),
      { stack: "platform" },
    );
    expect(platform.outputs).toEqual({ namespace: "ns", token: Secret.of("hidden-value") });
    const tenant = await recordStack(
      () => {
        const reference = new pulumi.StackReference("organization/atom/platform");
        return { seen: reference.requireOutput("namespace") };
      },
      { stack: "tenant", references: { "organization/atom/platform": platform.outputs } },
    );
    expect(tenant.outputs).toEqual({ seen: "ns" });
  });

  test("runs programs one after another, whoever asks at the same time", async () => {
    const program = (name: string) => () =>
      void new kubernetes.core.v1.Namespace(name, { metadata: { name } });
    const stacks = await Promise.all(
      ["a", "b", "c"].map((name) => recordStack(program(name), { stack: name })),
    );
    expect(stacks.map(({ stack, resources }) => [stack, resources.map((r) => r.name)])).toEqual([
      ["a", ["a"]],
      ["b", ["b"]],
      ["c", ["c"]],
    ]);
  });

  test("fails with the program's own error, and the next program runs all the same", async () => {
    const failing = recordStack(() => {
      throw new Error("no such region");
    });
    const next = recordStack(() => ({ ok: true }));
    await expect(failing).rejects.toThrow("no such region");
    expect((await next).outputs).toEqual({ ok: true });
  });

  test("fails for a stack reference to a stack that was not run", async () => {
    const recorded = recordStack(() => {
      const reference = new pulumi.StackReference("organization/atom/nowhere");
      return { seen: reference.requireOutput("x") };
    });
    await expect(recorded).rejects.toThrow("no stack named 'organization/atom/nowhere'");
  });
});

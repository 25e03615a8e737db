import * as kubernetes from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import { appliedByStack } from "../../components/field-manager";
import { recordFleet } from "../../lib/simulation/chart-step";
import { recordStack } from "../../lib/simulation/record-stack";
import { exampleInputs } from "../example-fleet";

describe("the field manager of an object", () => {
  test("is its stack, for every object of every stack of a fleet", async () => {
    const managers = new Set<string>();
    for await (const { stack, resources } of recordFleet(await exampleInputs())) {
      const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
      expect(objects).not.toEqual([]);
      for (const { inputs } of objects) managers.add(`${stack}: ${managerIn(inputs)}`);
    }
    expect([...managers].sort()).toEqual(
      [
        "platform.eu-west",
        "platform.us-east",
        "tenant.acme.eu-west",
        "tenant.acme.us-east",
        "tenant.globex.eu-west",
        "tenant.initech.us-east",
      ].map((stack) => `${stack}: atom/${stack}`),
    );
  });

  test("stands beside other annotations, and is no longer than the API server takes", async () => {
    const stack = "s".repeat(200);
    const { resources } = await recordStack(
      () =>
        void new kubernetes.core.v1.Namespace("a", {
          metadata: { annotations: appliedByStack({ other: "kept" }) },
        }),
      { project: "p", stack },
    );
    expect(resources.map(({ inputs }) => inputs["metadata"])).toEqual([
      {
        annotations: { other: "kept", "pulumi.com/patchFieldManager": `p/${stack.slice(0, 126)}` },
      },
    ]);
  });
});

function managerIn({ metadata }: Record<string, unknown>): string | undefined {
  const { annotations } = metadata as { annotations?: Record<string, string> };
  return annotations?.["pulumi.com/patchFieldManager"];
}

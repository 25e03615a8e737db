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

  test("stands beside other annotations", async () => {
    expect(await annotationsIn("p", "s", { other: "kept" })).toEqual({
      other: "kept",
      "pulumi.com/patchFieldManager": "p/s",
    });
  });

  test("is no longer than the API server takes, and differs where only two names' ends do", async () => {
    const project = "p".repeat(105);
    const managers: string[] = [];
    for (const stack of ["tenant.acme.eu-west.blue", "tenant.acme.eu-west.gold"]) {
      managers.push(String((await annotationsIn(project, stack))["pulumi.com/patchFieldManager"]));
    }
    expect(managers).toEqual([
      `${project}/tenan-69927710c07d358d`,
      `${project}/tenan-df4800f174d60cb6`,
    ]);
    expect(managers.map(({ length }) => length)).toEqual([128, 128]);
  });
});

/** The annotations of an object of one stack. */
async function annotationsIn(
  project: string,
  stack: string,
  annotations: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const { resources } = await recordStack(
    () =>
      void new kubernetes.core.v1.Namespace("a", {
        metadata: { annotations: appliedByStack(annotations) },
      }),
    { project, stack },
  );
  const { metadata } = resources[0]!.inputs as { metadata: { annotations: typeof annotations } };
  return metadata.annotations;
}

function managerIn({ metadata }: Record<string, unknown>): string | undefined {
  const { annotations } = metadata as { annotations?: Record<string, string> };
  return annotations?.["pulumi.com/patchFieldManager"];
}

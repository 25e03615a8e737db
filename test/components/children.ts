import { expect } from "vitest";
import { recordStack } from "../../lib/simulation/record-stack";
import type { RecordedStack } from "../../lib/simulation/record-stack";

/** Records a program and gives its resources as `type name < parent's name`, sorted. */
export async function childrenOf(program: () => void): Promise<readonly string[]> {
  return describeResources(await recordStack(program));
}

export function describeResources({ resources }: RecordedStack): readonly string[] {
  const nameOf = new Map(resources.map(({ urn, name }) => [urn, name]));
  return resources
    .map(({ type, name, parent }) =>
      parent === undefined ? `${type} ${name}` : `${type} ${name} < ${nameOf.get(parent)}`,
    )
    .sort();
}

/** Runs a program that has to fail for its user's mistake before it registers anything. */
export async function expectRefusal(program: () => void, message: string): Promise<void> {
  let failure: unknown;
  const recorded = await recordStack(() => {
    try {
      program();
    } catch (error) {
      failure = error;
    }
  });
  expect({
    name: (failure as Error | undefined)?.constructor.name,
    message: (failure as Error | undefined)?.message,
    resources: recorded.resources.filter(({ type }) => type.startsWith("atom:")).length,
  }).toEqual({ name: "ResourceError", message, resources: 0 });
}

import { recordFleet } from "../../../lib/simulation/chart-step";
import type { RecordedStack } from "../../../lib/simulation/record-stack";
import { readStackInputs } from "../../../stacks/read-stack-inputs";

/** A fleet's stacks as the simulation records them, with the kubeconfig that a project's programs see. */
export async function* recordProject(
  fleetPath: string,
  environment: Readonly<Record<string, string>>,
): AsyncGenerator<RecordedStack> {
  const before = process.env["KUBECONFIG"];
  process.env["KUBECONFIG"] = environment["KUBECONFIG"];
  try {
    yield* recordFleet(readStackInputs(fleetPath, environment));
  } finally {
    if (before === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = before;
  }
}

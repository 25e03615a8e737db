import * as pulumi from "@pulumi/pulumi";
import { checked } from "../components/usage";
import { simulationRefusal } from "../lib/fleet/simulation-mode";
import type { StackInputs } from "./stack-inputs";

/**
 * Lets a preview go on under `SIMULATION_MODE`, and ends an update before it has registered anything.
 * A `pulumi destroy` runs no program, and so it is not kept from anything.
 */
export function refuseSimulatedUpdate({ simulated = false }: StackInputs): void {
  if (!simulated || pulumi.runtime.isDryRun()) return;
  checked(() => {
    throw simulationRefusal("pulumi up");
  });
}

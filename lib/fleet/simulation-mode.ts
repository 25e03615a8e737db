import { UsageError } from "../support/problem";
import type { RawEnvironment } from "./environment";

/** Whether `SIMULATION_MODE` is set. Anything but a plain no: a misspelt yes must not reach a real cluster. */
export function asksForSimulation({ SIMULATION_MODE = "" }: RawEnvironment): boolean {
  return !["", "false", "0"].includes(SIMULATION_MODE.toLowerCase());
}

/**
 * Keeps what writes to a registry, a Vault or a cluster from starting under `SIMULATION_MODE`.
 *
 * @param command as it was typed: `atom mirror sync --apply`.
 * @throws UsageError that names the variable.
 */
export function refuseUnderSimulation(environment: RawEnvironment, command: string): void {
  if (asksForSimulation(environment)) throw simulationRefusal(command);
}

/** What {@link refuseUnderSimulation} throws. */
export function simulationRefusal(command: string): UsageError {
  return new UsageError("environment", [
    {
      path: "SIMULATION_MODE",
      message: `asks for a simulation, and ${command} writes for real; nothing was written`,
      mend: "unset SIMULATION_MODE to write",
    },
  ]);
}

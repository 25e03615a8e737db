import { VARIABLES } from "./environment";
import type { RawEnvironment, Variable } from "./environment";

/** Without these nothing real can be reached. */
export const CRITICAL_VARIABLES = [
  "K8S_CONTEXT",
  "LOCAL_REGISTRY_URL",
  "VAULT_PRIMARY_ADDR",
] as const satisfies readonly Variable[];

/** Whether a run may touch something real. Holds no value of a variable. */
export interface Precheck {
  readonly version: 1;
  readonly variables: Readonly<Record<Variable, "SET" | "MISSING">>;
  readonly critical: readonly Variable[];
  readonly decision: "PROCEED" | "PROCEED_SIMULATION";
  /** What led to the decision, a line each. */
  readonly because: readonly string[];
}

/** Looks at which variables are set. An empty one is missing; what a value says is not judged here. */
export function precheck(environment: RawEnvironment): Precheck {
  const isSet = (variable: Variable) => (environment[variable] ?? "") !== "";
  const missing = CRITICAL_VARIABLES.filter((variable) => !isSet(variable));
  const reasons = missing.map((variable) => `${variable} is missing`);
  if (asksForSimulation(environment)) reasons.push("SIMULATION_MODE asks for a simulation");
  return {
    version: 1,
    variables: Object.fromEntries(
      VARIABLES.map((variable) => [variable, isSet(variable) ? "SET" : "MISSING"]),
    ) as Precheck["variables"],
    critical: CRITICAL_VARIABLES,
    decision: reasons.length > 0 ? "PROCEED_SIMULATION" : "PROCEED",
    because: reasons.length > 0 ? reasons : ["every critical variable is set"],
  };
}

/** Anything but a plain no: a misspelt yes must not reach a real cluster. */
function asksForSimulation({ SIMULATION_MODE = "" }: RawEnvironment): boolean {
  return !["", "false", "0"].includes(SIMULATION_MODE.toLowerCase());
}

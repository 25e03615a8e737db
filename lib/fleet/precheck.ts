import { VARIABLES } from "./environment";
import type { RawEnvironment, Variable } from "./environment";
import type { LoadedFleet } from "./read-fleet";
import type { Fleet } from "./schema";
import { asksForSimulation } from "./simulation-mode";

/** Without these nothing real can be reached, unless a fleet file says where it is. */
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

/**
 * Looks at which variables are set. An empty one is missing; what a value says is not judged here.
 *
 * @param loaded the fleet that is run: it declares a registry and two Vaults, so only `SIMULATION_MODE`
 *   keeps a run from them. @default - only the variables count
 */
export function precheck(environment: RawEnvironment, loaded?: LoadedFleet): Precheck {
  const isSet = (variable: Variable) => (environment[variable] ?? "") !== "";
  const missing = loaded === undefined ? CRITICAL_VARIABLES.filter((name) => !isSet(name)) : [];
  const reasons = missing.map((variable) => `${variable} is missing`);
  if (asksForSimulation(environment)) reasons.push("SIMULATION_MODE asks for a simulation");
  const proceeding =
    loaded === undefined ? ["every critical variable is set"] : declarationsOf(loaded);
  return {
    version: 1,
    variables: Object.fromEntries(
      VARIABLES.map((variable) => [variable, isSet(variable) ? "SET" : "MISSING"]),
    ) as Precheck["variables"],
    critical: CRITICAL_VARIABLES,
    decision: reasons.length > 0 ? "PROCEED_SIMULATION" : "PROCEED",
    because: reasons.length > 0 ? reasons : proceeding,
  };
}

/** What of a fleet is real, and who says so: the file, or a variable. */
function declarationsOf({ fleet, overrides }: LoadedFleet): string[] {
  const by = (path: string) => {
    const variable = overrides.find((override) => override.path === path)?.variable;
    return variable === undefined ? "the fleet file declares it" : `${variable} sets it`;
  };
  return [
    `registry.target is written to: ${by("registry.target")}`,
    `vault.primary is read: ${by("vault.primary")}`,
    `vault.secondary is written to: ${by("vault.secondary")}`,
    ...fleet.clusters.map(({ name, source }, index) => {
      const what = kindOf(source);
      return `cluster ${name} is ${what}: ${by(`clusters[${index}].source`)}`;
    }),
  ];
}

function kindOf(source: Fleet["clusters"][number]["source"]): string {
  if ("context" in source) return "a kube context";
  return "inventory" in source ? "an inventory" : "simulated, and written as files";
}

import { z } from "zod";
import { nameProblem } from "../kubernetes/names";
import { UsageError } from "../support/problem";
import {
  contextProblem,
  pathProblem,
  registryProblem,
  releaseProblem,
  vaultAddressProblem,
} from "./field-problems";

/** The variables that this library reads, in the order in which reports list them. */
export const VARIABLES = [
  "K8S_CONTEXT",
  "ANSIBLE_INVENTORY",
  "LOCAL_REGISTRY_URL",
  "VAULT_PRIMARY_ADDR",
  "VAULT_SECONDARY_ADDR",
  "COSIGN_KEY_PATH",
  "SIMULATION_MODE",
  "SELFHOST_REGION",
  "ATOM_VERSION",
] as const;
export type Variable = (typeof VARIABLES)[number];

/** A process's environment, `process.env` for one. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** An empty variable is a missing one: that is how a shell or a CI file unsets it. */
function variable<Output>(check: z.ZodType<Output, string>) {
  return z.preprocess((text) => (text === "" ? undefined : text), check.optional());
}

function text(problem: (text: string) => string | undefined) {
  return z.string().superRefine((value, context) => {
    const message = problem(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

const registry = z
  .string()
  // As people write it: with a scheme, or with a slash at the end.
  .transform((url) => url.replace(/^https?:\/\//, "").replace(/\/$/, ""))
  .pipe(text(registryProblem));

const flag = z
  .string()
  .transform((value) => value.toLowerCase())
  .pipe(
    z.enum(["true", "false", "1", "0"], { error: () => 'the value is neither "true" nor "false"' }),
  )
  .transform((value) => value === "true" || value === "1");

export const environmentSchema = z.object({
  /** Kube context of the selected cluster. */
  K8S_CONTEXT: variable(text(contextProblem)),
  /** Ansible inventory of the selected cluster; a context wins over it. */
  ANSIBLE_INVENTORY: variable(text(pathProblem)),
  /** Registry that images are mirrored to, with or without `http(s)://`. */
  LOCAL_REGISTRY_URL: variable(registry),
  VAULT_PRIMARY_ADDR: variable(text(vaultAddressProblem)),
  VAULT_SECONDARY_ADDR: variable(text(vaultAddressProblem)),
  /** File with the cosign private key; never the key itself. */
  COSIGN_KEY_PATH: variable(text(cosignKeyProblem)),
  /** `true` or `1`: nothing is written to a registry, a Vault or a cluster. */
  SIMULATION_MODE: variable(flag),
  /** The one region to work on. */
  SELFHOST_REGION: variable(text(nameProblem)),
  /** Release of ATOM Cloud. */
  ATOM_VERSION: variable(text(releaseProblem)),
});

/** The variables that are set, parsed. */
export type Environment = z.infer<typeof environmentSchema>;

/**
 * Reads the variables, and only them.
 *
 * @throws UsageError naming each variable that cannot be read.
 */
export function parseEnvironment(raw: RawEnvironment): Environment {
  const result = environmentSchema.safeParse(raw);
  if (result.success) return result.data;
  throw new UsageError(
    "environment",
    result.error.issues.map(({ path, message }) => ({ path: String(path[0]), message })),
  );
}

/** Who pastes the key itself must not see it in a log. */
function cosignKeyProblem(path: string): string | undefined {
  if (path.includes("-----BEGIN")) return "the value is a key; give the path of its file";
  return pathProblem(path);
}

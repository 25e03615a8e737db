import { dirname, isAbsolute, relative, resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "../support/problem";
import type { Problem } from "../support/problem";
import { fieldPath, schemaProblems } from "../support/strict-schema";
import { readYamlDocument } from "../support/yaml-document";
import type { YamlDocument, YamlLimits } from "../support/yaml-document";
import { applyEnvironment, overridesOf } from "./apply-environment";
import type { Override } from "./apply-environment";
import { crossChecks } from "./cross-checks";
import { parseEnvironment } from "./environment";
import type { Environment, RawEnvironment } from "./environment";
import { fleetSchema } from "./schema";
import type { Fleet } from "./schema";

/** A fleet, ready to be planned with. */
export interface LoadedFleet {
  readonly fleet: Fleet;
  /** The file, absolute. */
  readonly path: string;
  /** The file's folder, absolute: what paths in the fleet are relative to. */
  readonly folder: string;
  /** What the environment set instead of the file. */
  readonly overrides: readonly Override[];
}

/**
 * Reads and checks a fleet file, and lays the environment over it. Relative paths in variables start
 * from the working directory, as in a shell; in the result they start from the file's folder.
 *
 * @param environment `process.env` for one. @default nothing set
 * @throws UsageError with path and line of every problem; no value that may be a secret is repeated.
 */
export function readFleet(
  path: string,
  environment: RawEnvironment = {},
  limits: YamlLimits = {},
): LoadedFleet {
  const absolute = resolve(path);
  const folder = dirname(absolute);
  const declared = checkFleet(readYamlDocument(path, "fleet file", limits), `fleet file ${path}`);
  const variables = fromFolder(parseEnvironment(environment), folder);
  const fleet = applyEnvironment(declared, variables);
  const problems = crossChecks(fleet);
  if (problems.length > 0) {
    throw new UsageError(
      "fleet with the environment's values",
      problems.map((problem) => ({ ...problem, path: fieldPath(problem.path) })),
    );
  }
  return { fleet, path: absolute, folder, overrides: overridesOf(declared, variables) };
}

/**
 * Checks a document that is meant to be a fleet.
 *
 * @throws UsageError with path and line of every problem. References between parts, such as a tenant's
 *   region, are looked at where both parts are sound.
 */
export function checkFleet({ value, lineOf }: YamlDocument, subject: string): Fleet {
  if (value === null && lineOf([]) === undefined) {
    throw new UsageError(subject, [{ path: "", message: "the file is empty" }]);
  }
  const result = fleetSchema.safeParse(value, { reportInput: true });
  const issues = result.success ? [] : result.error.issues;
  const problems = [
    ...issues.flatMap((issue) => issueProblems(issue, lineOf)),
    ...crossChecks(result.success ? result.data : soundParts(value)).map((problem) => ({
      ...problem,
      path: fieldPath(problem.path),
      ...lineAt(lineOf, problem.path),
    })),
  ];
  if (result.success && problems.length === 0) return result.data;
  throw new UsageError(subject, problems);
}

/** The parts of what is no fleet that are as a fleet's have to be. */
function soundParts(value: unknown): Partial<Fleet> {
  if (typeof value !== "object" || value === null) return {};
  const parts = Object.entries(fleetSchema.shape).flatMap(([name, schema]) => {
    const { data } = schema.safeParse((value as Record<string, unknown>)[name]);
    return data === undefined ? [] : [[name, data] as const];
  });
  return Object.fromEntries(parts);
}

function issueProblems(issue: z.core.$ZodIssue, lineOf: YamlDocument["lineOf"]): Problem[] {
  const problems = schemaProblems(new z.ZodError([issue]));
  if (issue.code !== "unrecognized_keys") {
    return problems.map((problem) => ({
      ...problem,
      ...lineAt(lineOf, issue.path),
      ...mendOf(issue),
    }));
  }
  // The unknown keys of one map come as one message, in their order; each has a line of its own.
  return problems.flatMap(({ path, message }) =>
    message.split(/; (?=unknown key ")/).map((part, index) => ({
      path,
      message: part,
      ...lineAt(lineOf, [...issue.path, issue.keys[index]!]),
    })),
  );
}

/** What YAML makes of words and numbers is what people stumble over most. */
function mendOf(issue: z.core.$ZodIssue): { mend?: string } {
  if (issue.code !== "invalid_type") return {};
  const { expected, input } = issue;
  if (expected === "string" && (typeof input === "number" || typeof input === "boolean")) {
    return { mend: "put it in quotes" };
  }
  if (expected === "boolean" && typeof input === "string") {
    return { mend: "write true or false, without quotes" };
  }
  return {};
}

function lineAt(lineOf: YamlDocument["lineOf"], path: readonly PropertyKey[]): { line?: number } {
  const line = lineOf(path);
  return line === undefined ? {} : { line };
}

function fromFolder(environment: Environment, folder: string): Environment {
  const rebase = (path: string) => (isAbsolute(path) ? path : relative(folder, resolve(path)));
  const { ANSIBLE_INVENTORY, COSIGN_KEY_PATH } = environment;
  return {
    ...environment,
    ...(ANSIBLE_INVENTORY === undefined ? {} : { ANSIBLE_INVENTORY: rebase(ANSIBLE_INVENTORY) }),
    ...(COSIGN_KEY_PATH === undefined ? {} : { COSIGN_KEY_PATH: rebase(COSIGN_KEY_PATH) }),
  };
}

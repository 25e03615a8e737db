import { stringRule } from "../support/string-rule";
import { printable } from "./names";

const SEGMENT = "[A-Za-z0-9][-A-Za-z0-9_]{0,62}";

/**
 * A rule for the path of a tenant's secret, below `tenants/<tenant>/`. Segments have no dots, so
 * that a path with dots for slashes is a file name of its own.
 */
export const SECRET_PATH = stringRule({
  pattern: `^${SEGMENT}(/${SEGMENT})*$`,
  maxLength: 200,
  problem: (path) =>
    `secret ${printable(path)} is no path; use segments of A-Z, a-z, 0-9, '-' and '_' between slashes`,
});

/** Why a text may not be the path of a tenant's secret; undefined if it may. */
export function secretPathProblem(path: string): string | undefined {
  return SECRET_PATH.problem(path);
}

import { printable } from "./names";

const SEGMENT = /^[A-Za-z0-9][-A-Za-z0-9_]{0,62}$/;
const LONGEST = 200;

/**
 * Why a text may not be the path of a tenant's secret, below `tenants/<tenant>/`; undefined if it
 * may. Segments have no dots, so that a path with dots for slashes is a file name of its own.
 */
export function secretPathProblem(path: string): string | undefined {
  return path.length <= LONGEST && path.split("/").every((segment) => SEGMENT.test(segment))
    ? undefined
    : `secret ${printable(path)} is no path; use segments of A-Z, a-z, 0-9, '-' and '_' between slashes`;
}

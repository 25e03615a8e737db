import { UsageError } from "./problem";

/**
 * Reads what a file says; each problem that is found gets the file's name.
 *
 * @param file as a user would name it.
 */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(
      error.subject,
      error.problems.map((problem) => ({
        ...problem,
        path: problem.path === "" ? file : `${file}: ${problem.path}`,
      })),
    );
  }
}

import { readFileSync } from "node:fs";
import type { z } from "zod";
import { UsageError } from "./problem";
import { parseStrictJson } from "./strict-json";
import { parseStrict } from "./strict-schema";

/** How to speak of a JSON file when it cannot be read. */
export interface JsonFileKind {
  /** What the file is, for messages: `image lock`. */
  readonly subject: string;
  /** What to do if the file is not understood: `delete it and run again`. */
  readonly mend: string;
}

/**
 * Reads a JSON file and refuses whatever the schema does not know. For a state file, whose version
 * is to be checked before anything else, use `readStateFile`.
 *
 * @returns undefined if there is no such file.
 * @throws UsageError with the path of every field that is not understood. It repeats no value.
 */
export function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  { subject, mend }: JsonFileKind,
): T | undefined {
  const text = readTextOrNothing(path);
  if (text === undefined) return undefined;
  const json = parseStrictJson(text);
  if (!("value" in json)) throw new UsageError(subject, [{ path, ...json, mend }]);
  try {
    return parseStrict(schema, json.value, subject);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const problems = error.problems.map((problem) => ({
      mend,
      ...problem,
      path: `${path}: ${problem.path || "(whole file)"}`,
    }));
    throw new UsageError(subject, problems);
  }
}

function readTextOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

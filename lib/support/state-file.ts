import { readFileSync } from "node:fs";
import type { z } from "zod";
import { UsageError } from "./problem";
import { parseStrictJson } from "./strict-json";
import { parseStrict } from "./strict-schema";

/** What a state file is, and which one this release reads. */
export interface StateFileKind {
  /** For messages: `mirror state`. */
  readonly subject: string;
  /** The only schema version that is read; the file has it in its field `version`. */
  readonly version: number;
  /** What to do about a file that cannot be read. @default "delete it and run again" */
  readonly mend?: string;
}

/**
 * Reads a state file written by `writeJsonAtomic`, and refuses what it does not understand whole: a
 * corrupt or truncated text, another schema version, a duplicated key, an unknown or missing field.
 *
 * @returns undefined if there is no such file.
 * @throws UsageError that says what to do. It repeats no value.
 */
export function readStateFile<T>(
  path: string,
  schema: z.ZodType<T>,
  kind: StateFileKind,
): T | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const subject = `${kind.subject} ${path}`;
  const mend = kind.mend ?? "delete it and run again";
  const json = parseStrictJson(bytes.toString("utf8"));
  if (!("value" in json)) throw new UsageError(subject, [{ path: "", ...json, mend }]);
  checkVersion(json.value, kind.version, subject, mend);
  try {
    return parseStrict(schema, json.value, subject);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(
      subject,
      error.problems.map((problem) => ({ mend, ...problem })),
    );
  }
}

/** Before the schema: a file of another version has other fields, and listing them helps nobody. */
function checkVersion(value: unknown, expected: number, subject: string, mend: string): void {
  const version: unknown =
    typeof value === "object" && value !== null && Object.hasOwn(value, "version")
      ? (value as { version: unknown }).version
      : undefined;
  if (version === expected) return;
  const problem =
    typeof version !== "number"
      ? { message: "the file has no schema version", mend }
      : version > expected
        ? {
            message: `schema version ${version} is newer than ${expected}, which this release reads`,
            mend: "update atom-selfhost to the release that wrote it",
          }
        : {
            message: `schema version ${version} is older than ${expected}, which this release reads`,
            mend,
          };
  throw new UsageError(subject, [{ path: "version", ...problem }]);
}

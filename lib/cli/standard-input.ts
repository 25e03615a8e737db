import type { z } from "zod";
import { UsageError } from "../support/problem";

const LARGEST = 64 * 1024 * 1024;

/** All of standard input as text. */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST) throw wrong("input", `has more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Standard input as JSON of one shape. What is wrong is said without repeating any of it: it may
 * hold a token.
 *
 * @throws UsageError
 */
export async function readPlan<T>(schema: z.ZodType<T>): Promise<T> {
  let value: unknown;
  try {
    value = JSON.parse(await readStandardInput());
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw wrong("plan", "is not JSON");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join(".") || "the whole");
  throw wrong("plan", `is no plan of this verb (${[...new Set(fields)].join(", ")})`);
}

function wrong(subject: string, message: string): UsageError {
  return new UsageError(subject, [{ path: "standard input", message }]);
}

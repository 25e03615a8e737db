/** One thing a user has to mend. */
export interface Problem {
  /** Where: a field path such as `tenants[0].name`, a flag, or a variable's name. */
  readonly path: string;
  /** Line in the file, from 1, where a file is known. */
  readonly line?: number;
  /** What is wrong, what was received (never a secret) and what is allowed. Lower case, no full stop. */
  readonly message: string;
  /** What to type to mend it, where that is known. */
  readonly mend?: string;
}

/**
 * A user's mistake: every problem of one subject, thrown once. The command line prints the message
 * without a stack and exits 2.
 */
export class UsageError extends Error {
  readonly subject: string;
  readonly problems: readonly Problem[];

  constructor(subject: string, problems: readonly Problem[]) {
    super(
      `Invalid ${subject}:\n${problems.map((problem) => ` - ${problemLine(problem)}`).join("\n")}`,
    );
    this.name = "UsageError";
    this.subject = subject;
    this.problems = problems;
  }
}

/** `tenants[0].name (line 12): what is wrong; how to mend it` */
export function problemLine({ path, line, message, mend }: Problem): string {
  const where = place(path, line);
  const what = where === "" ? message : `${where}: ${message}`;
  return mend === undefined ? what : `${what}; ${mend}`;
}

function place(path: string, line: number | undefined): string {
  if (line === undefined) return path;
  return path === "" ? `line ${line}` : `${path} (line ${line})`;
}

/** Collects problems so that a user sees all of them at once. */
export class Problems {
  readonly #found: Problem[] = [];

  add(path: string, message: string, mend?: string): void {
    this.#found.push(mend === undefined ? { path, message } : { path, message, mend });
  }

  /** Adds what somebody else has found, in the same order. */
  addAll(others: Problems): void {
    this.#found.push(...others.#found);
  }

  /** @throws UsageError if anything was added. */
  throwIfAny(subject: string): void {
    if (this.#found.length > 0) throw new UsageError(subject, this.#found);
  }
}

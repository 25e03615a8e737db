/** Where a command prints, and what it may assume about it. */
export interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /**
   * Ends once what was printed has left this process, or whoever read it has: a slow reader would have
   * all of a long result kept in memory.
   *
   * @default - nothing is kept
   */
  readonly flushed?: () => Promise<void>;
  /** Progress and problems. */
  readonly error: (text: string) => void;
  /** Whether a person is watching standard output. */
  readonly terminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Lets a command go on when whoever read its output has left, as `head` does: it ends as it would have ended, with
 * the same exit code, and the rest of the output goes nowhere.
 *
 * @param refused is told of any other fault by its code: nobody has the whole output then.
 */
export function outliveReader(
  stream: NodeJS.WritableStream,
  refused: (code: string) => void,
): void {
  stream.on("error", ({ code = "unknown" }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") refused(code);
  });
}

/** How a command ended, as scripts see it. */
export const EXIT = {
  ok: 0,
  /** The command ran, and what it looked at is not as it should be. */
  failed: 1,
  /** The user has to change what was typed or declared. */
  usage: 2,
  /** Stopped by Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
  /** Stopped by whoever ends services: 128 + SIGTERM. */
  terminated: 143,
} as const;

/** One of {@link EXIT}, or the code of a program that a verb ran in its own place. */
export type ExitCode = number;

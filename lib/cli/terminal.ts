/** Where a command prints, and what it may assume about it. */
export interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and problems. */
  readonly error: (text: string) => void;
  /** Whether a person is watching standard output. */
  readonly terminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Lets a command go on when whoever read its output has left, as `head` does: it ends as it would have ended, with
 * the same exit code, and the rest of the output goes nowhere. Any other fault of the stream is thrown.
 */
export function outliveReader(stream: NodeJS.WritableStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
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

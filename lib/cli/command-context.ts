import type { ExitCode, Terminal } from "./terminal";

/** What the commands share: where they print, how they say how they ended, and when to stop. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly finish: (code: ExitCode) => void;
}

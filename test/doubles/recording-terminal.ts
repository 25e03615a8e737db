import type { Terminal } from "../../lib/cli/terminal";

/** A DOUBLE of a terminal: it keeps what a command prints, and nobody watches it. */
export class RecordingTerminal implements Terminal {
  readonly terminal: boolean = false;
  readonly environment: Terminal["environment"];
  /** Standard output. */
  output = "";
  /** Standard error. */
  errors = "";

  constructor(environment: Terminal["environment"] = {}) {
    this.environment = environment;
  }

  readonly out = (text: string): void => {
    this.output += text;
  };

  readonly error = (text: string): void => {
    this.errors += text;
  };
}

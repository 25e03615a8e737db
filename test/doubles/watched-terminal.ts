import type { Terminal } from "../../lib/cli/terminal";
import { RecordingTerminal } from "./recording-terminal";

/** A DOUBLE of a terminal that a person watches, and of the stream that its moving lines are drawn on. */
export class WatchedTerminal extends RecordingTerminal {
  override readonly terminal: boolean = true;
  /** Drawings and lines in the order in which they came; a line of {@link Terminal.error} begins with `LINE `. */
  readonly written: string[] = [];
  readonly stream = {
    isTTY: true,
    columns: 80,
    rows: 24,
    write: (text: string) => this.written.push(text),
  } as unknown as NodeJS.WriteStream;

  override readonly error: Terminal["error"] = (text) => {
    this.written.push(`LINE ${text}`);
  };
}

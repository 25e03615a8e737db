import { pino } from "pino";
import type { Logger } from "pino";
import { writeFileAtomic } from "./atomic-file";
import type { Redactor } from "./redactor";

/**
 * The log of one run or one of its steps: pino's JSON lines, every known secret taken out, kept in
 * memory and written whole.
 */
export class RunLog {
  readonly logger: Logger;
  readonly #lines: string[] = [];

  constructor(redactor: Redactor) {
    this.logger = pino(
      {
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (level) => ({ level }) },
      },
      { write: (line) => void this.#lines.push(redactor.redact(line)) },
    );
  }

  get text(): string {
    return this.#lines.join("");
  }

  writeTo(path: string): void {
    writeFileAtomic(path, this.text);
  }
}

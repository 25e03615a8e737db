import { bytes } from "../report/markdown";
import type { Terminal } from "./terminal";

const STEP = 1024 * 1024 * 1024;

/** How often the line is drawn anew at most, in milliseconds. */
const FRAME = 100;

/** Says how far a long pass over bytes has come. */
export interface ByteProgress {
  /** @param total bytes that there are to come, where that is known. */
  readonly add: (count: number, total?: number) => void;
  /** Prints a line above what is drawn. */
  readonly say: (text: string) => void;
  /** Takes away what is drawn. */
  readonly close: () => void;
}

/**
 * One line that is drawn anew if a person watches, else a line a GiB; a short pass has nothing to say there.
 *
 * @param done what is done with the bytes: `written`.
 */
export async function showBytes(
  terminal: Terminal,
  done: string,
  stream: NodeJS.WriteStream = process.stderr,
): Promise<ByteProgress> {
  if (!terminal.terminal || !stream.isTTY) return plainBytes(terminal, done);
  const { createLogUpdate } = await import("log-update");
  const region = createLogUpdate(stream);
  let sum = 0;
  let drawn = -Infinity;
  return {
    add: (count, total) => {
      sum += count;
      if (performance.now() - drawn < FRAME) return;
      drawn = performance.now();
      region(byteLine(sum, total, done));
    },
    say: (text) => {
      region.clear();
      terminal.error(text);
    },
    close: () => region.clear(),
  };
}

function plainBytes(terminal: Terminal, done: string): ByteProgress {
  let sum = 0;
  return {
    add: (count, total) => {
      const before = Math.floor(sum / STEP);
      sum += count;
      if (Math.floor(sum / STEP) > before) terminal.error(`${byteLine(sum, total, done)}\n`);
    },
    say: terminal.error,
    close: () => undefined,
  };
}

/** `1.2 GiB of 12.0 GiB written` */
function byteLine(sum: number, total: number | undefined, done: string): string {
  return `${bytes(sum)}${total === undefined ? "" : ` of ${bytes(total)}`} ${done}`;
}

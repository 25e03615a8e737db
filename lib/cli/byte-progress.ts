import { bytes } from "../report/markdown";
import type { Terminal } from "./terminal";

const STEP = 1024 * 1024 * 1024;

/** Says how far a long pass over bytes has come, a line a GiB; a short one has nothing to say. */
export function byteProgress(terminal: Terminal, done: string): (count: number) => void {
  let total = 0;
  return (count) => {
    const before = Math.floor(total / STEP);
    total += count;
    if (Math.floor(total / STEP) > before) terminal.error(`${bytes(total)} ${done}\n`);
  };
}

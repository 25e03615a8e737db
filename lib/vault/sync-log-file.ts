import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../support/clock";
import { SyncLog } from "./sync-log";

/**
 * Opens a log file to append to; each line is on the disk before its `append` returns. A last line
 * that a crash left without its end is cut off: it was never reported as written.
 *
 * @throws UsageError naming the first broken line.
 */
export function openSyncLog(path: string, clock: Clock): SyncLog {
  mkdirSync(dirname(path), { recursive: true });
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const end = bytes.lastIndexOf("\n") + 1;
  const log = new SyncLog(clock, bytes.toString("utf8", 0, end), (line) => appendLine(path, line));
  if (end < bytes.length) truncateSync(path, end);
  return log;
}

function appendLine(path: string, line: string): void {
  const file = openSync(path, "a", 0o600);
  try {
    const bytes = Buffer.from(line, "utf8");
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * What the watchdog runs. It reads a line for each thing to watch, `+12` for a process and
 * `+/tmp/folder` for a folder, and the same with `-` for what is gone in good order. A pipe is closed
 * however its writer ends; what is left then is killed and removed.
 */
import { rmSync } from "node:fs";
import { killTree } from "./kill-tree";

let text = "";
process.on("SIGINT", () => undefined).on("SIGTERM", () => undefined);
process.stdin
  .on("data", (chunk) => (text += String(chunk)))
  .on("end", () => {
    const left = new Set<string>();
    for (const line of text.split("\n").filter(Boolean)) {
      if (line.startsWith("+")) left.add(line.slice(1));
      else left.delete(line.slice(1));
    }
    const folders = [...left].filter((each) => each.startsWith("/"));
    for (const each of left) if (!folders.includes(each)) killTree(Number(each));
    for (const path of folders) {
      // A process that was killed a moment ago may still finish a write.
      rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  });

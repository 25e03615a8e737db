import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "../support/problem";
import { Secret } from "../support/secret";
import type { Terminal } from "./terminal";

/** Whether somebody is there to type. */
export function canAsk(): boolean {
  return process.stdin.isTTY;
}

/**
 * Asks for a line at the terminal without showing what is typed.
 *
 * @throws UsageError if the answer is refused with Ctrl-C or Ctrl-D.
 */
export async function askHidden(question: string, terminal: Terminal): Promise<Secret> {
  const lines = createInterface({
    input: process.stdin,
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    // Raw mode: the terminal itself echoes nothing, and what readline echoes goes nowhere.
    terminal: true,
    historySize: 0,
  });
  const refusal = new AbortController();
  // In raw mode Ctrl-C is a character; the program hears of it as it always does.
  lines.once("SIGINT", () => process.emit("SIGINT"));
  lines.once("SIGINT", () => refusal.abort()).once("close", () => refusal.abort());
  terminal.error(question);
  try {
    return Secret.of(await lines.question("", { signal: refusal.signal }));
  } catch (error) {
    if (!refusal.signal.aborted) throw error;
    throw new UsageError("password", [{ path: "", message: "none was typed" }]);
  } finally {
    lines.close();
    terminal.error("\n");
  }
}

import { readdirSync, readFileSync } from "node:fs";
import { signalGroup } from "./signal-group";

/**
 * Kills a process group and all that it started, in whatever groups and sessions it is by now, as a
 * machine that loses its power would: nobody gets to tidy up.
 */
export function killTree(leader: number | undefined): void {
  if (leader === undefined) return;
  // What is stopped starts nothing more, and does not give its children away.
  signalGroup(leader, "SIGSTOP");
  const started = descendantsOf(leader);
  signalGroup(leader, "SIGKILL");
  for (const pid of started) kill(pid);
}

function descendantsOf(ancestor: number): number[] {
  const processes = parents();
  const found = new Set([ancestor]);
  // A set's iteration also visits what is added to it on the way.
  for (const one of found) {
    for (const [pid, parent] of processes) if (parent === one) found.add(pid);
  }
  found.delete(ancestor);
  return [...found];
}

/** Each process with its parent, from proc(5); without it, none. */
function parents(): [pid: number, parent: number][] {
  return entriesOf("/proc").flatMap((entry): [number, number][] => {
    const [, , parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(textOf(`/proc/${entry}/stat`)) ?? [];
    return parent === undefined ? [] : [[Number(entry), Number(parent)]];
  });
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).filter((entry) => /^\d+$/.test(entry));
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The process has ended since.
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

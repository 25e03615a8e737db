/** Signals a process and all that it started, if it leads a process group that is still there. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The last of the group has ended by itself.
  }
}

import { readFileSync } from "node:fs";

/**
 * When a process started, as a text to compare and not to read: a number is given to another process
 * some time after its first bearer ended, but with another start. From Linux' `/proc/<pid>/stat`
 * (field 22, proc_pid_stat(5)) and the machine's boot.
 *
 * @returns undefined where the system does not tell, or there is no such process.
 */
export function processStart(pid: number): string | undefined {
  const boot = contentOf("/proc/sys/kernel/random/boot_id");
  const fields = statFields(pid);
  const ticks = fields?.[19];
  return boot === undefined || ticks === undefined ? undefined : `${boot}/${ticks}`;
}

/** Whether a process of this machine still runs. One that is over and only waits for its parent does not. */
export function isRunning(pid: number): boolean {
  const state = statFields(pid)?.[0];
  if (state === "Z" || state === "X") return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, and is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The fields from the third on; the second is the program's name, which may hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  const stat = contentOf(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

import { execFile } from "node:child_process";
import type { VersionProbe } from "./part";

/** A program that has not told its version by then is not the one we look for. */
const PATIENCE_MILLISECONDS = 5_000;

/**
 * Asks a program for its version, with the environment and in the folder given to it.
 *
 * @returns the version as it prints it, without a leading `v`; undefined if it cannot be started,
 *   fails, takes over five seconds or prints something else.
 */
export function probeVersion(
  path: string,
  probe: VersionProbe,
  environment: NodeJS.ProcessEnv,
  folder = process.cwd(),
): Promise<string | undefined> {
  // Pulumi would ask for the newest release, over the network.
  const env = { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" };
  return new Promise((resolve) => {
    execFile(
      path,
      [...probe.arguments],
      { cwd: folder, env, timeout: PATIENCE_MILLISECONDS, killSignal: "SIGKILL" },
      (error, stdout) => resolve(error === null ? probe.reads.exec(stdout.trim())?.[1] : undefined),
    ).stdin?.end();
  });
}

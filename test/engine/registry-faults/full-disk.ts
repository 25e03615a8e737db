import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import type { BedFolder } from "../bed/bed-folder";
import { startOpenRegistry } from "../bed/registry";
import type { OpenRegistry } from "../bed/registry";
import type { Toolchain } from "../toolchain/resolve";

// The kernel lets no file grow beyond a limit, and says EFBIG: a real disk that takes no more, without one.

/** Lets no file of this process grow beyond a number of bytes while something is done. */
export async function withLargestFile<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  limit(String(bytes));
  try {
    return await work();
  } finally {
    limit("unlimited");
  }
}

/** Of the soft limit only, which may be raised again. */
function limit(soft: string): void {
  execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${soft}:`]);
}

/** A registry whose disk takes no file beyond a number of KiB. */
export function startFullRegistry(
  folder: BedFolder,
  tools: Toolchain,
  kibibytes: number,
): Promise<OpenRegistry> {
  const registry = tools.path("registry");
  const script = folder.write(
    "registry-full.sh",
    `#!/bin/bash\nulimit -f ${kibibytes}\nexec '${registry}' "$@"\n`,
  );
  chmodSync(script, 0o700);
  return startOpenRegistry(folder, { ...tools, path: () => script }, "registry-full");
}

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Part, Tool } from "./part";
import { executableOf } from "./part";
import { isExecutable } from "./search-path";

/** Digits of the key in a folder's name: enough that no two states of this repository meet. */
const KEY_LENGTH = 12;

/** To be raised when the same pins are to be made into something else than before. */
const RECIPE = 1;

/**
 * The folder that parts are kept in, for every checkout of this user.
 * `XDG_CACHE_HOME` counts if it is absolute (XDG Base Directory Specification 0.8).
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const xdg = environment["XDG_CACHE_HOME"] ?? "";
  return join(isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "atom-selfhost", "toolchain");
}

/** Where a part's pins lie: a folder beside this file. */
export function pinsFolder({ source }: Part): string {
  return join(__dirname, source.pins);
}

/** A part's own folder in the cache. It is there only once the part is whole. */
export function partFolder(cache: string, part: Part): string {
  return join(cache, `${part.name}-${part.version}-${partKey(part, pinsFolder(part))}`);
}

/**
 * A short hash over all that decides what a part is: its row in the table, the files that pin it, the
 * recipe, and the platform, because a home folder may be shared between machines of several.
 */
export function partKey({ version, source }: Part, pins: string): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([RECIPE, version, source, process.platform, process.arch]));
  for (const file of readdirSync(pins).sort()) {
    hash.update(JSON.stringify([file, readFileSync(join(pins, file), "utf8")]));
  }
  return hash.digest("hex").slice(0, KEY_LENGTH);
}

/** A tool's program in the folder of a part. */
export function toolPath(folder: string, tool: Tool): string {
  return join(folder, "bin", executableOf(tool));
}

/** The files of a part in its folder. */
export function shareFolder(folder: string): string {
  return join(folder, "share");
}

/** Whether a part is in the cache and still works there. */
export function isMade(folder: string, { tools, source }: Part): boolean {
  switch (source.kind) {
    case "go files":
    case "python files":
      return Object.keys(source.files).every((file) => existsSync(join(shareFolder(folder), file)));
    case "python packages":
      // The interpreter is a link out of the folder, and may have gone with an upgrade.
      return isExecutable(join(folder, "bin", "python")) && hasTools(folder, tools);
    case "go programs":
    case "node runtime":
      return hasTools(folder, tools);
  }
}

function hasTools(folder: string, tools: readonly Tool[]): boolean {
  return tools.every((tool) => isExecutable(toolPath(folder, tool)));
}

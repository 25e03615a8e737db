import { isMade, partFolder, toolPath } from "./cache";
import type { Part, Tool } from "./part";
import { executableOf } from "./part";
import { probeVersion } from "./probe-version";
import { searchPath } from "./search-path";
import { fits, parseVersion, sameMajorFrom } from "./tool-version";

/** A program that can be started. */
export interface ToolLocation {
  /** Absolute. */
  readonly path: string;
  /** As the program tells it, or as it is pinned. */
  readonly version: string;
  readonly origin: "PATH" | "cache";
}

export interface PartState {
  readonly part: Part;
  /** Where the part is in the cache, or will be. */
  readonly folder: string;
  /** Whether something of it is neither on PATH nor in the cache. */
  readonly missing: boolean;
  /** Where each tool is, or would be once the part is made. */
  readonly tools: ReadonlyMap<string, ToolLocation>;
}

/** Looks for parts on PATH and in the cache, without making or downloading anything. */
export function locateParts(
  parts: readonly Part[],
  cache: string,
  environment: NodeJS.ProcessEnv,
): Promise<PartState[]> {
  return Promise.all(parts.map((part) => locatePart(part, cache, environment)));
}

async function locatePart(
  part: Part,
  cache: string,
  environment: NodeJS.ProcessEnv,
): Promise<PartState> {
  const folder = partFolder(cache, part);
  const located = await Promise.all(
    part.tools.map(async (tool): Promise<[string, ToolLocation]> => {
      const cached = {
        path: toolPath(folder, tool),
        version: part.version,
        origin: "cache",
      } as const;
      return [tool.name, (await findOnPath(part, tool, environment)) ?? cached];
    }),
  );
  const tools = new Map(located);
  const fromCache =
    tools.size === 0 || [...tools.values()].some(({ origin }) => origin === "cache");
  return { part, folder, missing: fromCache && !isMade(folder, part), tools };
}

/** The first program on PATH whose version fits; another one before it does not hide it. */
async function findOnPath(
  part: Part,
  tool: Tool,
  environment: NodeJS.ProcessEnv,
): Promise<ToolLocation | undefined> {
  if (tool.probe === undefined) return undefined;
  const range = part.fits ?? sameMajorFrom(part.version);
  for (const path of searchPath(executableOf(tool), environment)) {
    const version = await probeVersion(path, tool.probe, environment);
    const parsed = version === undefined ? undefined : parseVersion(version);
    if (version !== undefined && parsed !== undefined && fits(parsed, range)) {
      return { path, version, origin: "PATH" };
    }
  }
  return undefined;
}

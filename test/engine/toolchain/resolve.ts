import { cacheFolder, shareFolder } from "./cache";
import type { PartState, ToolLocation } from "./locate";
import { locateParts } from "./locate";
import type { FilesPartName, PartName, ToolName } from "./parts";
import { partsNamed } from "./parts";

/** The programs and files that an engine test runs with. */
export interface Toolchain {
  /** Absolute path of a program. */
  path(tool: ToolName): string;
  /** Folder with a part's files. */
  share(part: FilesPartName): string;
  /** Every program that was asked for: its version, and whether PATH or the cache has it. */
  readonly tools: ReadonlyMap<ToolName, ToolLocation>;
}

export interface ResolveOptions {
  /** @default all of them */
  readonly parts?: readonly PartName[];
  /** Where PATH and `XDG_CACHE_HOME` come from. @default this process' */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Finds the parts that `npm run toolchain` makes available, on PATH or in the cache, and makes nothing.
 *
 * @throws Error that lists the parts that are missing, and how to mend it.
 */
export async function resolveToolchain(options: ResolveOptions = {}): Promise<Toolchain> {
  const { parts, environment = process.env } = options;
  const states = await locateParts(partsNamed(parts), cacheFolder(environment), environment);
  const missing = states.filter((state) => state.missing);
  if (missing.length > 0) throw new Error(missingMessage(missing));

  const tools = new Map(states.flatMap((state) => [...state.tools])) as Map<ToolName, ToolLocation>;
  const shares = new Map(states.map(({ part, folder }) => [part.name, shareFolder(folder)]));
  return {
    path: (tool) => expectPart(tools.get(tool), tool).path,
    share: (part) => expectPart(shares.get(part), part),
    tools,
  };
}

function missingMessage(missing: readonly PartState[]): string {
  const lines = missing.map(({ part, folder }) => ` - ${part.name} ${part.version}: no ${folder}`);
  return `the toolchain is not complete; run 'npm run toolchain':\n${lines.join("\n")}`;
}

function expectPart<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`'${name}' is of no part that was resolved`);
  return found;
}

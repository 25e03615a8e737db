import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BedAccess } from "./bed/bed";
import { baseEnvironment, projectEnvironment } from "./project/engine-environment";
import type { EngineParts } from "./project/engine-environment";
import { fleetOnBed, prepareFleet, seedPrimary } from "./project/fleet-project";
import { installLibrary, packLibrary, pinnedPeers } from "./project/user-project";

/** What every engine test starts from. Plain data: tests run in other processes than this one. */
export interface EngineContext {
  readonly bed: BedAccess;
  readonly parts: EngineParts;
  /** Folder with everything below; each test makes its own folders in it. */
  readonly folder: string;
  /** The library as it would be published. */
  readonly tarball: string;
  /** A project that has the library installed, the example fleet in it, and its images mirrored. */
  readonly project: string;
  /** What `pulumi` and `atom` see in the project. */
  readonly environment: Readonly<Record<string, string>>;
  /** One for each value that is in the primary OpenBao; each is in no other place. */
  readonly canaries: readonly string[];
}

/** Makes the project that most tests use. */
export async function prepareContext(
  folder: string,
  parts: EngineParts,
  bed: BedAccess,
): Promise<EngineContext> {
  const install = baseEnvironment(folder, parts.path);
  const project = join(folder, "project");
  const tarball = await packLibrary(join(folder, "package"), install);
  await installLibrary(project, tarball, pinnedPeers(), install);
  const environment = projectEnvironment(folder, project, parts, bed);
  const fleet = fleetOnBed(bed);
  const canaries = await seedPrimary(bed, fleet.vault.mount);
  await prepareFleet(project, fleet, environment);
  return { bed, parts, folder, tarball, project, environment, canaries };
}

/** Writes what {@link readContext} reads. @returns the file, in the context's folder. */
export function writeContext(context: EngineContext): string {
  const file = join(context.folder, "context.json");
  writeFileSync(file, JSON.stringify(context), { mode: 0o600 });
  return file;
}

/**
 * The context of a bed that is kept, with the library as it is now: a change since the bed was started
 * is packed and installed.
 *
 * @throws Error if the bed is gone.
 */
export async function readContext(file: string): Promise<EngineContext> {
  const kept = parseContext(file);
  const { folder, parts, project, tarball } = kept;
  const install = baseEnvironment(folder, parts.path);
  const packed = await packLibrary(join(folder, `package-${Date.now()}`), install);
  if (digestOf(packed) === digestOf(tarball)) {
    rmSync(dirname(packed), { recursive: true });
    return kept;
  }
  // From another path than before: npm takes a path that it knows for what it has installed.
  await installLibrary(project, packed, pinnedPeers(), install);
  const renewed = { ...kept, tarball: packed };
  writeContext(renewed);
  rmSync(dirname(tarball), { recursive: true });
  return renewed;
}

function parseContext(file: string): EngineContext {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as EngineContext;
  } catch {
    throw new Error(
      `the bed of ATOM_ENGINE_CONTEXT is gone: '${file}' cannot be read; unset it, or start another with: npm run bed -- --project`,
    );
  }
}

/** npm packs the same files into the same bytes. */
function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

import { join } from "node:path";
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

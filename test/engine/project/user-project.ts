import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./run-command";

const REPOSITORY = join(__dirname, "..", "..", "..");

/** Name and version of each package that a user has to bring. */
export type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly peerDependencies: Versions;
  readonly devDependencies: Versions;
}

function repositoryManifest(): Manifest {
  return JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as Manifest;
}

/** The peers in the versions that this repository is developed with. */
export function pinnedPeers(): Versions {
  const { peerDependencies, devDependencies } = repositoryManifest();
  return Object.fromEntries(
    Object.keys(peerDependencies).map((name) => [name, devDependencies[name] ?? "latest"]),
  );
}

/** The lowest versions that the peer ranges allow. */
export function lowestPeers(): Versions {
  return Object.fromEntries(
    Object.entries(repositoryManifest().peerDependencies).map(([name, range]) => [
      name,
      range.replace(/^\^/, ""),
    ]),
  );
}

/** The ranges themselves: npm takes the newest version that its Node can run. */
export function newestPeers(): Versions {
  return repositoryManifest().peerDependencies;
}

/** Builds what {@link packLibrary} packs. */
export async function buildLibrary(environment: Readonly<Record<string, string>>): Promise<void> {
  await mustRun("npm", ["run", "--silent", "build"], { folder: REPOSITORY, environment });
}

/** Packs the library as it would be published, from the build that is there. */
export async function packLibrary(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const packed = await mustRun(
    "npm",
    ["pack", "--ignore-scripts", "--json", "--pack-destination", folder, REPOSITORY],
    { folder, environment },
  );
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  return join(folder, filename);
}

/** An empty folder, and in it what `npm install` makes of the packed library and its peers. */
export async function installLibrary(
  folder: string,
  tarball: string,
  peers: Versions,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({
      name: "engine-test",
      private: true,
      dependencies: { "atom-selfhost": `file:${tarball}`, ...peers },
    }),
  );
  await mustRun(
    "npm",
    ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", "--no-progress"],
    { folder, environment },
  );
}

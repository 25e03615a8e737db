import { UsageError, problemLine } from "../support/problem";
import type { Problem } from "../support/problem";
import { fieldPath } from "../support/strict-schema";
import { readYamlDocument } from "../support/yaml-document";
import { discoverTopology } from "../topology/discover";
import { readUpstreamKey } from "./plan-fleet-mirror";
import type { LoadedFleet } from "./read-fleet";
import { readSimulationSecrets } from "./simulation-secrets";

/** A file that a fleet names, and how it is read. */
interface DeclaredFile {
  readonly field: readonly PropertyKey[];
  readonly read: () => unknown;
}

/**
 * What is wrong with the files that a fleet file names and nothing makes: inventories, public keys of
 * the images' sources, the simulation's secrets. Each problem has the line that names the file, or the
 * variable that does, and then the file.
 */
export function declaredFileProblems(loaded: LoadedFleet): Problem[] {
  const found = declaredFiles(loaded).flatMap(({ field, read }) =>
    problemsOf(read).map((problem) => ({ field, problem })),
  );
  if (found.length === 0) return [];
  const { lineOf } = readYamlDocument(loaded.path, "fleet file");
  return found.map(({ field, problem }) => {
    const message = problemLine(problem);
    const variable = loaded.overrides.find(({ path }) => fieldPath(field).startsWith(path));
    if (variable !== undefined) return { path: variable.variable, message };
    const line = lineOf(field);
    return { path: fieldPath(field), message, ...(line === undefined ? {} : { line }) };
  });
}

function declaredFiles(loaded: LoadedFleet): DeclaredFile[] {
  const { fleet, folder } = loaded;
  const inventories = fleet.clusters.flatMap(({ name: cluster, region, source }, index) =>
    "inventory" in source
      ? [
          {
            field: ["clusters", index, "source", "inventory"],
            read: () => discoverTopology(source, { cluster, region, baseDir: folder }),
          },
        ]
      : [],
  );
  const keys = fleet.images.flatMap(({ publicKeys = [] }, image) =>
    publicKeys.map((file, index) => ({
      field: ["images", image, "publicKeys", index],
      read: () => readUpstreamKey(folder, file),
    })),
  );
  return [
    ...inventories,
    ...keys,
    { field: ["simulation", "secrets"], read: () => readSimulationSecrets(loaded) },
  ];
}

function problemsOf(read: () => unknown): readonly Problem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
}

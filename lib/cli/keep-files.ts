import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { unitedReferences, usedReferences } from "../registry/gc/used-references";
import type { UsedReferences } from "../registry/gc/used-references";
import { UsageError } from "../support/problem";

/**
 * What files need of a registry: locks, states, snapshots, rendered manifests. Of a folder, every JSON
 * and YAML file below it counts.
 *
 * @param registry host with an optional port.
 * @throws UsageError for a path that cannot be read, or that names no digest: a wrong path must not
 * look like "nothing is used".
 */
export function readKeepFiles(paths: readonly string[], registry: string): UsedReferences {
  return unitedReferences(
    paths.map((path) => {
      const used = unitedReferences(textsOf(path).map((text) => usedReferences(text, registry)));
      if (used.digests.size > 0 || used.tags.size > 0) return used;
      throw problem(path, "names no image of the mirror and no digest");
    }),
  );
}

function textsOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [readFileSync(path, "utf8")];
    return readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(json|ya?ml)$/.test(name))
      .map((name) => readFileSync(join(path, name), "utf8"));
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw problem(path, `cannot be read (${code})`);
  }
}

function problem(path: string, message: string): UsageError {
  const mend = "name a lock, state, snapshot or manifests, or a folder of them";
  return new UsageError("list of what is kept", [{ path, message, mend }]);
}

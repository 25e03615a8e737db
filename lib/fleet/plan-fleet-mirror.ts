import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { planMirror } from "../registry/mirror/plan";
import type { MirrorPlan, UpstreamKeys } from "../registry/mirror/plan";
import { readTrustedKeys } from "../signing/trusted-keys";
import { Problems, UsageError } from "../support/problem";
import { readFleetLock } from "./fleet-files";
import type { LoadedFleet } from "./read-fleet";

/**
 * Plans a fleet's mirror from the lock and the upstreams' public keys beside its file.
 *
 * @throws UsageError if the lock does not fit the fleet, or a key cannot be read.
 */
export function planFleetMirror(loaded: LoadedFleet): MirrorPlan {
  const { target } = loaded.fleet.registry;
  return planMirror(readFleetLock(loaded), { target, upstreamKeys: readUpstreamKeys(loaded) });
}

/**
 * The public keys that images have to be signed with at their source, by the image's name; none for
 * an image that declares none.
 *
 * @throws UsageError with every file that cannot be read or holds no public key.
 */
export function readUpstreamKeys({
  fleet,
  folder,
}: Pick<LoadedFleet, "fleet" | "folder">): UpstreamKeys {
  const problems = new Problems();
  const keys = fleet.images.flatMap(({ name, publicKeys = [] }, image) => {
    if (publicKeys.length === 0) return [];
    const pems = publicKeys.flatMap((file, index) => {
      try {
        return readUpstreamKey(folder, file);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        const message = error.problems.map((problem) => problem.message).join("; ");
        problems.add(`images[${image}].publicKeys[${index}]`, `'${file}' ${message}`);
        return [];
      }
    });
    return [[name, pems] as const];
  });
  problems.throwIfAny("fleet");
  return Object.fromEntries(keys);
}

/**
 * The keys in PEM of one file that an image declares.
 *
 * @throws UsageError that names the file, if it cannot be read or holds no public key.
 */
export function readUpstreamKey(folder: string, file: string): string[] {
  const refused = (message: string) => new UsageError("public key", [{ path: file, message }]);
  let text: string;
  try {
    text = readFileSync(resolve(folder, file), "utf8");
  } catch (error) {
    throw refused(`cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
  try {
    return readTrustedKeys(text).map(({ pem }) => pem);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw refused(error.problems.map(({ message }) => message).join("; "));
  }
}

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
    const pems = publicKeys.flatMap((file, index) =>
      readKeys(resolve(folder, file), (message) =>
        problems.add(`images[${image}].publicKeys[${index}]`, `'${file}' ${message}`),
      ),
    );
    return [[name, pems] as const];
  });
  problems.throwIfAny("fleet");
  return Object.fromEntries(keys);
}

function readKeys(path: string, report: (message: string) => void): string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    report(`cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
    return [];
  }
  try {
    return readTrustedKeys(text).map(({ pem }) => pem);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    report(error.problems.map(({ message }) => message).join("; "));
    return [];
  }
}

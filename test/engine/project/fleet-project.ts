import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { buildStandInImages } from "../../../lib/simulation/stand-in-images";
import type { Fleet } from "../../../lib/fleet/schema";
import { HttpRegistry } from "../../../lib/registry/http/http-registry";
import { readSeed } from "../../../lib/vault/seed";
import type { BedAccess } from "../bed/bed";
import { CONTEXT } from "../bed/control-plane";
import { OpenBao } from "../bed/openbao";
import { mustRun } from "./run-command";

const EXAMPLE = join(__dirname, "..", "..", "..", "examples", "fleet");

/**
 * The example fleet on a bed: both clusters are the bed's, images come from the open registry and go
 * to the secured one, secrets from the primary OpenBao to the secondary.
 */
export function fleetOnBed(bed: BedAccess): Fleet {
  const fleet = parse(readFileSync(join(EXAMPLE, "atom.yaml"), "utf8")) as Fleet;
  return {
    ...fleet,
    clusters: fleet.clusters.map((cluster) => ({ ...cluster, source: { context: CONTEXT } })),
    registry: { target: bed.securedRegistry.host },
    images: fleet.images.map((image) => ({
      ...image,
      source: image.source.replace(/^[^/]+/, bed.openRegistry.host),
    })),
    vault: { ...fleet.vault, primary: bed.primary.address, secondary: bed.secondary.address },
    signing: { privateKey: "cosign.pem", publicKey: "cosign.pub" },
  };
}

/** Writes a fleet file and everything it needs into a project, by the commands of the README. */
export async function prepareFleet(
  folder: string,
  fleet: Fleet,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  writeFileSync(join(folder, "atom.yaml"), stringify(fleet));
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    stringify({
      name: "atom",
      runtime: "nodejs",
      main: "node_modules/atom-selfhost/dist/stacks/index.js",
    }),
  );
  writeKeys(folder);
  await buildStandInImages(fleet.images, (registry) => new HttpRegistry({ registry }));
  const atom = (...argv: string[]) => mustRun("npx", ["atom", ...argv], { folder, environment });
  await atom("mirror", "lock", "--apply");
  await atom("mirror", "sync", "--apply");
}

/** Puts the example's secrets into the primary, each value with a canary of its own in it. */
export async function seedPrimary(bed: BedAccess, mount: string): Promise<string[]> {
  const primary = new OpenBao(bed.primary);
  await primary.request(`/v1/sys/mounts/${mount}`, {
    method: "POST",
    body: { type: "kv", options: { version: "2" } },
  });
  const canaries: string[] = [];
  for (const { path, data } of readSeed(readFileSync(join(EXAMPLE, "secrets.yaml"), "utf8"))) {
    const planted = Object.keys(data).map((field) => {
      const canary = `canary-${randomBytes(12).toString("hex")}`;
      canaries.push(canary);
      return [field, canary];
    });
    await primary.request(`/v1/${mount}/data/${path}`, {
      method: "POST",
      body: { data: Object.fromEntries(planted) as Record<string, string> },
    });
  }
  return canaries;
}

function writeKeys(folder: string): void {
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(join(folder, "cosign.pem"), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, "cosign.pub"), publicKey);
}

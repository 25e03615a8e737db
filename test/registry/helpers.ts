import { join } from "node:path";
import { readdirSync, statSync } from "node:fs";
import { buildImage } from "../../lib/registry/image-builder";
import type { MirrorPlan } from "../../lib/registry/mirror/plan";
import { planMirror } from "../../lib/registry/mirror/plan";
import type { RegistryClient } from "../../lib/registry/registry-client";
import { resolveImages } from "../../lib/registry/mirror/resolve";
import { HttpRegistry } from "../../lib/registry/http/http-registry";
import type { HttpRegistryOptions } from "../../lib/registry/http/http-registry";
import { bytesSource } from "../../lib/registry/verified-stream";
import { sha256 } from "../../lib/support/digest";
import type { RegistryDouble } from "../doubles/registry-double";

export const TARGET = "registry.example:5000";

/** Puts `atom-cloud/<name>:7.2.0` into a source, one small image a name. */
export async function seedImages(source: RegistryClient, ...names: string[]): Promise<void> {
  for (const name of names) {
    await buildImage(source, {
      repository: `atom-cloud/${name}`,
      tag: "7.2.0",
      platform: "linux/amd64",
      files: { [`app/${name}.js`]: `console.log("${name}")` },
      config: { Cmd: ["node", `app/${name}.js`] },
    });
  }
}

export async function planFor(source: RegistryClient, ...names: string[]): Promise<MirrorPlan> {
  const images = names.map((name) => ({ name, source: `ghcr.io/atom-cloud/${name}:7.2.0` }));
  return planMirror(await resolveImages(images, () => source), { target: TARGET });
}

/** A client for the double that never really waits; the waits it was told to make are recorded. */
export function clientFor(double: RegistryDouble, options: Partial<HttpRegistryOptions> = {}) {
  const waits: number[] = [];
  const timing = {
    wait: (milliseconds: number) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    random: () => 0.5,
  };
  const client = new HttpRegistry({ registry: double.host, plainHttp: true, timing, ...options });
  return { client, waits };
}

export function blobOf(content: string | Uint8Array) {
  const bytes = Buffer.from(content);
  return {
    mediaType: "x",
    digest: sha256(bytes),
    size: bytes.length,
    bytes,
    open: bytesSource(bytes),
  };
}

/** Every file below a folder, by its path within it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { HttpRegistry } from "../../lib/registry/http/http-registry";
import { OCI_MANIFEST } from "../../lib/registry/media-types";
import { readMirrorState } from "../../lib/registry/mirror/state";
import { readPrivateKey } from "../../lib/signing/key";
import { mapBounded } from "../../lib/support/map-bounded";
import { Secret } from "../../lib/support/secret";
import { end } from "../doubles/registry-double";
import { engine } from "./engine";
import { BlobOnDisk } from "./mirror/blob-on-disk";
import { INDEX, publishImages } from "./mirror/many-images";
import type { UpstreamImage } from "./mirror/many-images";
import { fleetOnBed } from "./project/fleet-project";
import { mustRun, runCommand } from "./project/run-command";
import type { Outcome } from "./project/run-command";
import { FaultProxy } from "./registry-faults/fault-proxy";
import { Cosign } from "./signing/cosign";
import type { SignatureForm } from "./signing/cosign";

// What these tests do not prove: anything about registries other than CNCF distribution.

/** The fleet's own five among them. */
const IMAGES = 500;
const TOOLS_AT_ONCE = 4;
const LONG = 600_000;

const { bed, project, environment } = engine();
const folder = join(project, "mirror-of-many");
const password = "the vendor's";

let cosign: Cosign;
/** The secured registry, as one that has rules of its own. */
let target: FaultProxy;
let vendor: UpstreamImage[];
let forgotten: Buffer;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const secured = {
    origin: `https://${bed.securedRegistry.host}`,
    ca: readFileSync(bed.caFile, "utf8"),
  };
  target = await FaultProxy.start(secured, true);
  cosign = new Cosign(folder, { environment, bed, registry: target.host });
  await cosign.must(["generate-key-pair", "--output-key-prefix", "vendor"], password);
  const fleet = fleetOnBed(bed);
  vendor = await publishImages(
    new HttpRegistry({ registry: bed.openRegistry.host }),
    bed.openRegistry.host,
    {
      path: "vendor",
      count: IMAGES - fleet.images.length,
      key: readPrivateKey(readFileSync(join(folder, "vendor.key"), "utf8"), Secret.of(password)),
    },
  );
  const images = [...fleet.images, ...vendor.map(({ name, source }) => ({ name, source }))];
  writeFileSync(
    join(folder, "atom.yaml"),
    stringify({ ...fleet, images, registry: { target: target.host } }),
  );
  for (const file of ["cosign.pem", "cosign.pub"]) {
    symlinkSync(join(project, file), join(folder, file));
  }
  const locked = await atom("lock", "--apply");
  expect(locked.code, locked.stderr).toBe(0);
}, LONG);

afterAll(async () => {
  await target.stop();
  // It has the registry's password, as Docker keeps it.
  rmSync(folder, { recursive: true, force: true });
});

describe("a mirror of 500 images with signatures, attestations and an index", () => {
  const [corrupt, refused, vanished] = [100, 200, 300] as const;
  let blob: BlobOnDisk;

  test(
    "names what was corrupted, refused or has lost a signature, and completes the rest",
    async () => {
      blob = await BlobOnDisk.ofLayer(bed, vendor[corrupt]!);
      const flipped = blob.flip();
      target.set({
        method: "POST",
        path: new RegExp(`^/v2/atom/${vendor[refused]!.name}/`),
        fault: ({ response }) => end(response, 403),
      });
      await forget(vendor[vanished]!);

      const { code, stdout, stderr } = await atom("sync", "--apply");
      expect({ code, stdout }).toEqual({
        code: 1,
        stdout: "497 of 500 images are copied, signed and verified; the chart is signed\n",
      });
      const named = (index: number, cause: string) =>
        `${vendor[index]!.name} ${vendor[index]!.digest}: ${cause}`;
      expect(stderr.split("\n").filter((line) => line.includes(" sha256:"))).toEqual([
        named(corrupt, `${blob.digest} has the content of ${flipped}`),
        expect.stringContaining(named(refused, "")),
        named(
          vanished,
          `vendor/${vendor[vanished]!.name} lists ${vendor[vanished]!.attestation}, which is not there`,
        ),
      ]);
      const failed = imagesOnRecord().filter(({ outcome }) => outcome === "failed");
      expect(failed.map(({ name, failure }) => [name, failure])).toEqual([
        [vendor[corrupt]!.name, "corrupt"],
        [vendor[refused]!.name, "denied"],
        [vendor[vanished]!.name, "missing"],
      ]);
      await expectWhole(IMAGES - 3);
    },
    LONG,
  );

  test(
    "is completed by the next run, once the causes are gone",
    async () => {
      blob.flip();
      target.set();
      await remember(vendor[vanished]!);
      const { code, stderr } = await atom("sync", "--apply");
      expect(code, stderr).toBe(0);
      const copied = imagesOnRecord().filter(({ outcome }) => outcome === "copied");
      expect(copied.map(({ name }) => name)).toEqual(
        [corrupt, refused, vanished].map((index) => vendor[index]!.name),
      );
      await expectWhole(IMAGES);
    },
    LONG,
  );

  test(
    "is accepted by cosign, with our key and with the vendor's",
    async () => {
      const names = imagesOnRecord().map(({ name }) => name);
      // One form of ours for each; of the other, and of the vendor's, a sample tells as much as all.
      const sample = [INDEX, "part-001", "part-002"];
      const refused = [
        ...(await refusedBy("bundle", "cosign.pub", names)),
        ...(await refusedBy("tag", "cosign.pub", sample)),
        ...(await refusedBy("bundle", "vendor.pub", sample)),
        ...(await refusedBy("tag", "vendor.pub", sample)),
      ];
      expect(refused).toEqual([]);
      // It would refuse: the vendor has not signed the fleet's own images.
      expect(await refusedBy("bundle", "vendor.pub", ["api"])).toEqual(["api"]);
    },
    LONG,
  );
});

/** Every image that is on record as whole is, as `crane` and the record tell. */
async function expectWhole(count: number): Promise<void> {
  const whole = imagesOnRecord().filter(({ verified }) => verified);
  expect(whole).toHaveLength(count);
  const parts = whole.filter(({ name }) => name.startsWith("part-"));
  // Both forms of the vendor's signature, and the attestation.
  expect(
    parts.filter(({ upstreamSignatures: { found, carried } }) => found !== 3 || carried !== 3),
  ).toEqual([]);
  const digests = await mapBounded(whole, TOOLS_AT_ONCE, async ({ repository, source }) => {
    const tag = source.slice(source.lastIndexOf(":") + 1);
    return (await crane(["digest", `${target.host}/${repository}:${tag}`])).trim();
  });
  expect(digests).toEqual(whole.map(({ digest }) => digest));
}

function imagesOnRecord() {
  return readMirrorState(join(folder, "mirror_state.json"))!.images;
}

/** The referrer goes, and the list that names it stays: what a registry's garbage collection leaves. */
async function forget({ repository, attestation }: UpstreamImage): Promise<void> {
  const url = `http://${bed.openRegistry.host}/v2/${repository}/manifests/${attestation}`;
  const headers = { accept: OCI_MANIFEST };
  forgotten = Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
  expect((await fetch(url, { method: "DELETE" })).status).toBe(202);
}

async function remember({ repository, attestation }: UpstreamImage): Promise<void> {
  const client = new HttpRegistry({ registry: bed.openRegistry.host });
  await client.putManifest(repository, attestation, OCI_MANIFEST, forgotten);
}

function atom(...argv: string[]): Promise<Outcome> {
  return runCommand("npx", ["atom", "mirror", ...argv], { folder, environment, patience: LONG });
}

function crane(argv: readonly string[]): Promise<string> {
  return mustRun("crane", argv, { folder, environment: { ...environment, DOCKER_CONFIG: folder } });
}

/** The images of which cosign does not take a signature by this key. */
async function refusedBy(
  form: SignatureForm,
  publicKey: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const verdicts = await mapBounded(names, TOOLS_AT_ONCE, async (name) => {
    const { repository, digest } = imagesOnRecord().find((image) => image.name === name)!;
    return cosign.verifies(form, `${target.host}/${repository}@${digest}`, publicKey);
  });
  return names.filter((_, index) => !verdicts[index]);
}

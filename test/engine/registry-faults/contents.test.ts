import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HttpRegistry } from "../../../lib/registry/http/http-registry";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { descriptorOf } from "../../../lib/registry/manifest";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import { OCI_LAYER_TAR } from "../../../lib/registry/media-types";
import type { MirrorPlan } from "../../../lib/registry/mirror/plan";
import type { MirroredImage } from "../../../lib/registry/mirror/state";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { bytesSource, collect } from "../../../lib/registry/verified-stream";
import { systemClock } from "../../../lib/support/clock";
import type { Digest } from "../../../lib/support/digest";
import { Secret } from "../../../lib/support/secret";
import { filesBelow } from "../../registry/helpers";
import {
  CONFIG,
  imageOf,
  LAYER,
  sha512,
  SOUND,
  STRANGE_IMAGES,
} from "../../registry/strange/strange-images";
import type { StrangeImage } from "../../registry/strange/strange-images";
import { writeLayout } from "../../registry/strange/strange-layout";
import { planOf, STRANGE_REPOSITORY } from "../../registry/strange/strange-plan";
import { engine } from "../engine";
import { look, wrongFiles } from "./copied-image";
import { FaultProxy } from "./fault-proxy";
import { answering, putStrange, putStrangeBlobs } from "./strange-source";

// What these tests do not prove: what a registry other than CNCF distribution takes.

const { bed } = engine();
const { host, username, password } = bed.securedRegistry;
const credentials = { username, password: Secret.of(password) };
const basic = Buffer.from(`${username}:${password}`).toString("base64");
const ca = readFileSync(bed.caFile, "utf8");

const BLOBS = [CONFIG, LAYER].map((bytes) => descriptorOf("", bytes));

let run = 0;
let folder: string;
/** In front of the open registry, with a token server. */
let source: FaultProxy;
/** In front of the one that wants a password. */
let target: FaultProxy;
const direct = new HttpRegistry({ registry: host, credentials, authorities: [ca] });

beforeAll(async () => {
  const origin = `http://${bed.openRegistry.host}`;
  source = await FaultProxy.start({ origin, authorization: `Basic ${basic}` });
  target = await FaultProxy.start({ origin: `https://${host}`, ca });
  await putStrangeBlobs(bed.openRegistry.host, STRANGE_REPOSITORY);
});
afterAll(async () => {
  await source.stop();
  await target.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atom-contents-"));
  run += 1;
});
afterEach(() => {
  source.set();
  target.set();
  rmSync(folder, { recursive: true });
});

function clientOf(proxy: FaultProxy): HttpRegistry {
  const timing = { wait: () => Promise.resolve(), random: () => 0.5 };
  return new HttpRegistry({
    registry: proxy.host,
    credentials,
    authorities: [proxy.authority],
    timing,
  });
}

type Source = (
  image: Pick<StrangeImage, "taken" | "manifests" | "gone">,
) => Promise<RegistryClient>;

/** Each has the image under the name of its source. */
const SOURCES: Readonly<Record<string, Source>> = {
  "a registry": async (image) => {
    if (image.taken) await putStrange(bed.openRegistry.host, STRANGE_REPOSITORY, image);
    else source.set(answering(image.manifests()));
    return clientOf(source);
  },
  "an OCI layout": ({ manifests, gone }) => {
    const layout = join(folder, "source");
    const there = manifests().filter(({ digest }) => digest !== gone);
    writeLayout(layout, `${STRANGE_REPOSITORY}:1`, there);
    return Promise.resolve(new OciLayout(layout));
  },
};

interface Target {
  readonly client: RegistryClient;
  readonly repository: string;
  /** What is there under the tag, and what is there and is not whole. */
  look(): Promise<{ readonly tag: Digest | undefined; readonly wrong: string[] }>;
}

const TARGETS: Readonly<Record<string, () => Target>> = {
  "a registry": () => {
    const repository = `contents/target-${process.pid}-${run}`;
    return {
      client: clientOf(target),
      repository,
      look: () => look(direct, repository, { blobs: BLOBS }),
    };
  },
  "an OCI layout": () => {
    const layout = new OciLayout(join(folder, "target"));
    const repository = "contents/target";
    return {
      client: layout,
      repository,
      look: async () => {
        const { tag, wrong } = await look(layout, repository, { blobs: BLOBS });
        return { tag, wrong: [...wrong, ...wrongFiles(layout.folder)] };
      },
    };
  },
};

/** Mirrors one image, and says what is on record then. No secret is, nor in anything else that may be printed. */
async function mirror(plan: MirrorPlan, from: RegistryClient, to: Target): Promise<MirroredImage> {
  const { state } = await applyMirror(plan, {
    sourceOf: () => from,
    target: to.client,
    clock: systemClock,
  });
  const said = inspect([state, from, to.client], { showHidden: true, depth: 9 });
  for (const secret of [password, basic]) expect(said).not.toContain(secret);
  return state.images[0]!;
}

describe.each([
  ["a registry", "a registry"],
  ["a registry", "an OCI layout"],
  ["an OCI layout", "a registry"],
])("a mirror from %s to %s", (one, other) => {
  const from = SOURCES[one]!;
  const to = TARGETS[other]!;

  test("copies a sound image", async () => {
    const place = to();
    const client = await from({ taken: true, manifests: () => [SOUND] });
    const image = await mirror(planOf(SOUND, place.repository), client, place);
    expect(image).toMatchObject({ outcome: "copied", verified: true });
    expect(await place.look()).toEqual({ tag: SOUND.digest, wrong: [] });
  });

  test.each(STRANGE_IMAGES.map((image) => [image.name, image] as const))(
    "fails for %s",
    async (_, strange) => {
      const place = to();
      const client = await from(strange);
      const root = strange.manifests().at(-1)!;
      const image = await mirror(planOf(root, place.repository), client, place);
      const { outcome, failure, verified, cause } = image;
      expect({ outcome, failure, verified, cause }).toEqual({
        outcome: "failed",
        failure: strange.failure,
        verified: false,
        cause: expect.stringMatching(strange.says) as string,
      });
      expect(await place.look()).toEqual({ tag: undefined, wrong: [] });
      expect(await place.client.headManifest(place.repository, root.digest)).toBeUndefined();
      // As many as one image takes, however many it names.
      expect(source.seen.length + target.seen.length).toBeLessThan(40);
    },
  );
});

describe("R5 a registry that names a tag's manifest by another algorithm", () => {
  test.each(["HEAD", "GET"])("at %s is refused", async (method) => {
    await putStrange(bed.openRegistry.host, STRANGE_REPOSITORY, { manifests: () => [SOUND] });
    source.set({
      method,
      path: /\/manifests\/1$/,
      fault: ({ forward }) =>
        forward((answer) => ({
          ...answer,
          headers: { ...answer.headers, "docker-content-digest": sha512(SOUND.bytes) },
        })),
    });
    const client = clientOf(source);
    const read =
      method === "HEAD"
        ? client.headManifest(STRANGE_REPOSITORY, "1")
        : client.getManifest(STRANGE_REPOSITORY, "1");
    await expect(read).rejects.toMatchObject({
      failure: "refused",
      message: `manifest ${STRANGE_REPOSITORY}:1: its digest is not sha256`,
    });
  });
});

describe.each(Object.keys(TARGETS))("a mirror to %s", (kind) => {
  test("R11 carries layers as they are that would do harm where they are unpacked", async () => {
    const place = TARGETS[kind]!();
    const open = new HttpRegistry({ registry: bed.openRegistry.host });
    const layers = [await climbingTar(), gzipSync(Buffer.alloc(64 << 20))];
    const image = imageOf(...layers.map((bytes) => descriptorOf(OCI_LAYER_TAR, bytes)));
    for (const bytes of layers) {
      const blob = descriptorOf(OCI_LAYER_TAR, bytes);
      await open.putBlob(STRANGE_REPOSITORY, blob, bytesSource(bytes));
    }
    await putStrange(bed.openRegistry.host, STRANGE_REPOSITORY, { manifests: () => [image] });
    const { outcome, verified } = await mirror(
      planOf(image, place.repository),
      clientOf(source),
      place,
    );
    expect({ outcome, verified }).toEqual({ outcome: "copied", verified: true });
    for (const bytes of layers) {
      const blob = descriptorOf(OCI_LAYER_TAR, bytes);
      const read = place.client.openBlob(place.repository, blob);
      expect((await collect(read, bytes.length, "")).equals(bytes)).toBe(true);
    }
    const elsewhere = filesBelow(folder).filter((path) => !path.startsWith("target/blobs/sha256/"));
    expect(elsewhere).toEqual(
      kind === "a registry" ? [] : ["target/index.json", "target/oci-layout"],
    );
  });
});

/** A layer with names, links and devices that lead out of the folder in which it is unpacked. */
function climbingTar(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: "../../climbed" }, "x");
  tar.entry({ name: join(tmpdir(), "climbed") }, "x");
  tar.entry({ name: "link", type: "symlink", linkname: "/etc" });
  tar.entry({ name: "link/climbed" }, "x");
  tar.entry({ name: "hard", type: "link", linkname: "../../../etc/passwd" });
  tar.entry({ name: "disk", type: "block-device", devmajor: 8, devminor: 0 });
  tar.entry({ name: ".wh..wh..opq" }, "");
  tar.finalize();
  return collect(tar as AsyncIterable<Uint8Array>, 1 << 20, "tar");
}

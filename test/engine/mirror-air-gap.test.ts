import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { GcPlan } from "../../lib/registry/gc/gc-plan";
import { HttpRegistry } from "../../lib/registry/http/http-registry";
import type { ImageLock } from "../../lib/registry/mirror/image";
import { buildMultiPlatformImage } from "../../lib/registry/image-builder";
import { readImageLock, writeImageLock } from "../../lib/registry/mirror/lock-file";
import { readMirrorState } from "../../lib/registry/mirror/state";
import { readSignatureSet } from "../../lib/signing/signature-file";
import { CONTEXT } from "./bed/control-plane";
import { engine } from "./engine";
import { Line } from "./mirror/line";
import { fleetOnBed } from "./project/fleet-project";
import { mustRun, runCommand } from "./project/run-command";
import { Cosign } from "./signing/cosign";

// What these tests do not prove: anything about registries other than CNCF distribution.

const { bed, project, environment } = engine();
/** A bed that has seen this file before has what it left in its registries. */
const NAME = `relay-${randomBytes(4).toString("hex")}`;
const REPOSITORY = `air-gap/${NAME}`;
const NAMESPACE = NAME;
const folder = join(project, NAME);
const archive = join(folder, "images.tar");

/** The site that reaches the vendor, and the one that reaches nothing but its own registry. */
const connected = join(folder, "connected");
const isolated = join(folder, "isolated");

let cosign: Cosign;
/** All that the connected site knows of the vendor's registry; it is cut before images are carried. */
let line: Line;
let vendor: string;
/** The lock after the old tag was given up. */
let newestOnly: ImageLock;

beforeAll(async () => {
  for (const site of [connected, isolated]) mkdirSync(site, { recursive: true });
  line = await Line.to(bed.openRegistry.host);
  vendor = line.host;
  cosign = new Cosign(folder, { environment, bed });
  await cosign.must(["generate-key-pair", "--output-key-prefix", "vendor"]);
  const client = new HttpRegistry({ registry: bed.openRegistry.host });
  for (const tag of ["7.0.0", "7.1.0", "7.2.0"]) {
    const { digest } = await buildMultiPlatformImage(client, {
      repository: REPOSITORY,
      tag,
      platforms: ["linux/amd64", "linux/arm64"],
      files: { "opt/relay": `relay ${tag}` },
    });
    for (const form of ["tag", "bundle"] as const) {
      const flags = ["--allow-http-registry"];
      const reference = `${bed.openRegistry.host}/${REPOSITORY}@${digest}`;
      await cosign.sign(form, reference, { key: "vendor.key", flags });
    }
  }
  declare(isolated, { target: bed.securedRegistry.host, newest: 2 });
  declare(connected, { target: bed.openRegistry.host, newest: 1 });
  await atom(connected, "lock", "--apply");
  newestOnly = readImageLock(lockOf(connected))!;
  declare(connected, { target: bed.openRegistry.host, newest: 2 });
  await atom(connected, "lock", "--apply");
  copyFileSync(lockOf(connected), lockOf(isolated));
});

afterAll(async () => {
  await line.cut();
  await kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false");
  // It has the registry's password, as Docker keeps it.
  rmSync(folder, { recursive: true, force: true });
});

describe("images that are carried to a site without a network", () => {
  test("are the same there as after a sync, and so is what is on record", async () => {
    await atom(connected, "sync", "--apply");
    await atom(connected, "save", "--to", archive, "--apply");
    const first = readFileSync(archive);
    await atom(connected, "save", "--to", archive, "--apply");
    expect(readFileSync(archive).equals(first)).toBe(true);

    await line.cut();
    copyFileSync(archive, join(isolated, "images.tar"));
    const dry = await atom(isolated, "load", "--from", "images.tar");
    expect(dry.stderr).toContain("the archive is sound and has every image");
    expect(existsSync(join(isolated, "mirror_state.json"))).toBe(false);
    await atom(isolated, "load", "--from", "images.tar", "--apply");

    const [synced, loaded] = [onRecord(connected), onRecord(isolated)];
    expect(loaded).toEqual(synced);
    expect(loaded.state.map(({ name }) => name)).toEqual([NAME, `${NAME}:7.1.0`]);
    for (const { upstreamSignatures, verified } of loaded.state) {
      expect({ ...upstreamSignatures, verified }).toEqual({ found: 2, carried: 2, verified: true });
    }
  });

  test("have the same digests by crane, and signatures that cosign takes", async () => {
    for (const { source, repository, digest } of readImageLock(lockOf(isolated))!.images) {
      const tag = source.slice(source.lastIndexOf(":") + 1);
      const place = `${bed.securedRegistry.host}/${repository}`;
      expect(await crane("digest", `${place}:${tag}`)).toBe(digest);
      await pull(`${place}@${digest}`);
      for (const form of ["tag", "bundle"] as const) {
        const key = join(project, "cosign.pub");
        expect(await cosign.verifies(form, `${place}@${digest}`, key)).toBe(true);
        expect(await cosign.verifies(form, `${place}@${digest}`, "vendor.pub")).toBe(true);
      }
    }
    const { stdout } = await atom(isolated, "verify");
    expect(stdout.match(/whole and signed/g)).toHaveLength(3);
  });

  test("can be read out of the archive by other tools", async () => {
    const layout = join(folder, "layout");
    mkdirSync(layout);
    await mustRun("tar", ["-xf", archive, "-C", layout], { folder, environment });
    await atom(isolated, "load", "--from", layout, "--apply");
    const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
      manifests: { digest: string; annotations: Record<string, string> }[];
    };
    const [newest] = readImageLock(lockOf(isolated))!.images;
    const named = manifests.find(
      ({ annotations }) => annotations["org.opencontainers.image.ref.name"] === newest!.source,
    );
    expect(named?.digest).toBe(newest!.digest);
  });
});

describe("what nothing needs any more", () => {
  let old: { readonly digest: string; readonly to: string };

  beforeAll(() => {
    const { repository, digest } = readImageLock(lockOf(isolated))!.images[1]!;
    old = { digest, to: `${bed.securedRegistry.host}/${repository}@${digest}` };
    declare(isolated, { target: bed.securedRegistry.host, newest: 1 });
    writeImageLock(lockOf(isolated), newestOnly);
  });

  test("does not have what a pod of the cluster runs", async () => {
    await kubectl("create", "namespace", NAMESPACE);
    await kubectl("run", "relay", "--namespace", NAMESPACE, "--image", old.to);
    const { deletions } = await plan();
    expect(deletions).toEqual([]);
    await kubectl(
      "delete",
      "pod",
      "relay",
      "--namespace",
      NAMESPACE,
      "--grace-period=0",
      "--force",
    );
  });

  test("is the old tag with all that hangs on it, and goes with --apply", async () => {
    const { deletions } = await plan();
    expect(deletions[0]).toMatchObject({ digest: old.digest, tags: ["7.1.0"] });
    // The index, cosign's tag, the list of referrers; two platforms; two bundles, the vendor's and ours.
    expect(deletions).toHaveLength(7);
    const planned = JSON.stringify({ target: bed.securedRegistry.host, deletions });
    const { stdout } = await atom(
      isolated,
      { stdin: planned },
      ...COLLECT,
      "--plan",
      "-",
      "--apply",
    );
    expect(stdout).toMatch(/^7 manifests, .* deleted\n$/);

    for (const { digest } of deletions) {
      const place = `${bed.securedRegistry.host}/atom/${NAME}@${digest}`;
      expect((await craneRun("manifest", place)).code).not.toBe(0);
    }
    const [current] = readImageLock(lockOf(isolated))!.images;
    const place = `${bed.securedRegistry.host}/atom/${NAME}@${current!.digest}`;
    await pull(place);
    for (const key of [join(project, "cosign.pub"), "vendor.pub"]) {
      expect(await cosign.verifies("tag", place, key)).toBe(true);
      expect(await cosign.verifies("bundle", place, key)).toBe(true);
    }
    expect((await atom(isolated, "verify")).stdout.match(/whole and signed/g)).toHaveLength(2);
    expect((await plan()).deletions).toEqual([]);
    expect(onRecord(isolated).state.map(({ name }) => name)).toEqual([NAME]);
  });

  test("is nothing as long as a cluster does not answer", async () => {
    const kubeconfig = join(folder, "away.json");
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "away", cluster: { server: "https://127.0.0.1:9" } }],
        users: [{ name: "away", user: {} }],
        contexts: [{ name: "away", context: { cluster: "away", user: "away" } }],
      }),
    );
    const { code, stderr } = await runCommand(
      "npx",
      ["atom", "mirror", "gc", "--context", "away", "--apply"],
      { folder: isolated, environment: { ...environment, KUBECONFIG: kubeconfig } },
    );
    expect(code).toBe(2);
    expect(stderr).toContain('the cluster behind "away" does not list its pods (ECONNREFUSED)');
  });
});

const COLLECT = ["gc", "--context", CONTEXT, "--keep", "atom.lock.json"];

async function plan(): Promise<GcPlan> {
  const { stdout } = await atom(isolated, ...COLLECT, "--json");
  return JSON.parse(stdout) as GcPlan;
}

function declare(site: string, { target, newest }: { target: string; newest: number }): void {
  const source = `${vendor}/${REPOSITORY}`;
  const fleet = {
    ...fleetOnBed(bed),
    registry: { target },
    images: [
      {
        name: NAME,
        source,
        tags: { match: "7.*", newest },
        publicKeys: [join("..", "vendor.pub")],
      },
    ],
    // No tenant, no service: the mirror is all there is.
    tenants: [],
  };
  writeFileSync(join(site, "atom.yaml"), stringify(fleet));
  for (const file of ["cosign.pem", "cosign.pub"]) {
    if (!existsSync(join(site, file))) symlinkSync(join(project, file), join(site, file));
  }
}

const lockOf = (site: string) => join(site, "atom.lock.json");

/** What a run wrote, without when, and without the name of the registry. */
function onRecord(site: string) {
  const { images, target } = readMirrorState(join(site, "mirror_state.json"))!;
  const { signatures } = readSignatureSet(join(site, "atom.signatures.json"))!;
  return {
    state: images.map((image) => ({ ...image, at: "" })),
    signed: signatures.map(({ repository, digest, keyId }) => ({
      repository: repository.replace(target, "target"),
      digest,
      keyId,
    })),
  };
}

async function atom(site: string, ...rest: readonly (string | { readonly stdin: string })[]) {
  const argv = rest.filter((each) => typeof each === "string");
  const input = rest.find((each) => typeof each !== "string");
  const outcome = await runCommand("npx", ["atom", "mirror", ...argv], {
    folder: site,
    environment,
    ...input,
  });
  expect(outcome.code, outcome.stderr).toBe(0);
  return outcome;
}

function kubectl(...argv: string[]): Promise<string> {
  return mustRun("kubectl", argv, { folder, environment });
}

function craneRun(...argv: string[]) {
  return runCommand("crane", argv, {
    folder,
    environment: { ...environment, DOCKER_CONFIG: folder, SSL_CERT_FILE: bed.caFile },
  });
}

async function crane(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await craneRun(...argv);
  expect(code, stderr).toBe(0);
  return stdout.trim();
}

/** Fetches every byte of an image, for all its platforms, and checks them. */
async function pull(reference: string): Promise<void> {
  const pulled = join(folder, "pulled");
  await crane("pull", "--format", "oci", reference, pulled);
  rmSync(pulled, { recursive: true });
}

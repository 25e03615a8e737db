import { execFile, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { HttpRegistry } from "../../lib/registry/http/http-registry";
import { planMirror } from "../../lib/registry/mirror/plan";
import type { MirrorPlan } from "../../lib/registry/mirror/plan";
import type { RegistryClient } from "../../lib/registry/registry-client";
import { resolveImages } from "../../lib/registry/mirror/resolve";
import { mapBounded } from "../../lib/support/map-bounded";
import { packageRoot } from "../../lib/support/package-root";
import { BedFolder } from "../../test/engine/bed/bed-folder";
import { startOpenRegistry } from "../../test/engine/bed/registry";
import { putRandomImage } from "../../test/engine/random-image";
import { resolveToolchain } from "../../test/engine/toolchain/resolve";
import type { Toolchain } from "../../test/engine/toolchain/resolve";
import { measureChild } from "../child";
import type { ChildRun } from "../child";
import { median } from "../figure";
import type { Figure } from "../figure";

const MB = 1_000_000;
const ROUNDS = 3;
/** Images at once, for both. */
const AT_ONCE = 4;

const SETS = [
  { images: 20, megabytes: 50 },
  { images: 500, megabytes: 1 },
] as const;

/**
 * From registry to registry on one machine, in turns, as many at once: `crane copy` beside our own copy,
 * which also looks for signatures and reads what arrived again; and `crane copy` and `cosign sign` beside
 * `atom mirror sync`, which signs in two forms.
 */
export async function measureMirror(): Promise<Figure[]> {
  const tools = await resolveToolchain();
  const folder = new BedFolder(mkdtempSync(join(tmpdir(), "atom-bench-mirror-")));
  try {
    const figures: Figure[] = [];
    for (const { images, megabytes } of SETS) {
      const source = await startOpenRegistry(folder, tools, `source-${images}`);
      await seed(new HttpRegistry({ registry: source.host }), images, megabytes * MB);
      const set = `${images} images of ${megabytes} MB`;
      figures.push(...(await compare(folder, tools, { source: source.host, images, set })));
    }
    return figures;
  } finally {
    await folder.stop();
    rmSync(folder.path, { recursive: true, force: true });
  }
}

async function compare(
  folder: BedFolder,
  tools: Toolchain,
  {
    source,
    images,
    set,
  }: { readonly source: string; readonly images: number; readonly set: string },
): Promise<Figure[]> {
  const rounds: Round[] = [];
  for (let number = 0; number < ROUNDS; number += 1) {
    rounds.push(await measureRound(folder, tools, { source, images, number }));
  }
  const seconds = (pick: (round: Round) => number) => median(rounds.map(pick));
  return [
    { name: `${set}: crane copy`, value: seconds(({ crane }) => crane), unit: "s" },
    { name: `${set}: copied by us`, value: seconds(({ copy }) => copy.seconds), unit: "s" },
    {
      name: `${set}: copied by us, over crane copy`,
      value: seconds(({ copy, crane }) => copy.seconds / crane),
      unit: "x",
      limit: 1,
    },
    { name: `${set}: cosign sign`, value: seconds(({ cosign }) => cosign), unit: "s" },
    { name: `${set}: atom mirror sync`, value: seconds(({ sync }) => sync.seconds), unit: "s" },
    {
      name: `${set}: atom mirror sync over crane copy and cosign sign`,
      value: seconds(({ sync, crane, cosign }) => sync.seconds / (crane + cosign)),
      unit: "x",
      limit: 1,
    },
    {
      name: `${set}: peak memory`,
      value: Math.max(...rounds.flatMap(({ copy, sync }) => [copy.megabytes, sync.megabytes])),
      unit: "MB",
      limit: 150,
    },
    {
      name: `${set}: again, with nothing to do`,
      value: seconds(({ again }) => again.seconds),
      unit: "s",
      limit: 2,
    },
    {
      name: `${set}: requests an image, with nothing to do`,
      value: Math.max(...rounds.map(({ requests }) => requests / images)),
      unit: "",
      limit: 1,
    },
  ];
}

interface Round {
  /** Seconds. */
  readonly crane: number;
  /** Seconds, after `crane`. */
  readonly cosign: number;
  readonly copy: ChildRun;
  readonly sync: ChildRun;
  /** The same sync again. */
  readonly again: ChildRun;
  /** Those that `again` made about images. */
  readonly requests: number;
}

/** Each into a registry of its own, which is empty. */
async function measureRound(
  folder: BedFolder,
  tools: Toolchain,
  {
    source,
    images,
    number,
  }: { readonly source: string; readonly images: number; readonly number: number },
): Promise<Round> {
  const registry = (name: string) =>
    startOpenRegistry(folder, tools, `${name}-${images}-${number}`);
  const theirs = await registry("crane");
  const plan = await planFrom(source, theirs.host, images);
  const crane = await craneCopy(tools, plan);
  const cosign = await cosignSign(tools, folder, plan);

  const copies = await registry("copy");
  const copy = await measureChild(join(packageRoot(), "dist/bench/copy-child.js"), [], {
    input: JSON.stringify(await planFrom(source, copies.host, images)),
  });

  const ours = await registry("sync");
  const work = folder.folder(`work-${images}-${number}`);
  writeFileSync(join(work, KEY), privateKey(), { mode: 0o600 });
  const own = await planFrom(source, ours.host, images);
  const sync = await syncMirror(work, own);
  const names = [`sync-${images}-${number}`, `source-${images}`];
  const before = answered(folder, names);
  const again = await syncMirror(work, own);
  return { crane, cosign, copy, sync, again, requests: answered(folder, names) - before };
}

async function seed(source: RegistryClient, images: number, size: number): Promise<void> {
  await mapBounded([...Array(images).keys()], AT_ONCE, async (index) => {
    const options = { tag: "1.0.0", bytes: size };
    await putRandomImage(source, `bench/${nameOf(index)}`, options);
  });
}

async function planFrom(source: string, target: string, images: number): Promise<MirrorPlan> {
  const declared = [...Array(images).keys()].map((index) => ({
    name: nameOf(index),
    source: `${source}/bench/${nameOf(index)}:1.0.0`,
  }));
  const client = new HttpRegistry({ registry: source });
  return planMirror(await resolveImages(declared, () => client), { target });
}

function syncMirror(folder: string, plan: MirrorPlan): Promise<ChildRun> {
  return measureChild(
    join(packageRoot(), "dist/lib/cli/main.js"),
    ["mirror", "sync", "--apply", "--plan", "-"],
    {
      folder,
      input: JSON.stringify(plan),
      environment: { ...process.env, COSIGN_KEY_PATH: join(folder, KEY) },
    },
  );
}

const KEY = "cosign.pem";

function privateKey(): string {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  }).privateKey;
}

function craneCopy(tools: Toolchain, { target, images }: MirrorPlan): Promise<number> {
  const pairs = images.map(({ source, repository, tag }) => [
    source,
    `${target}/${repository}:${tag}`,
  ]);
  return eachAtOnce(2, pairs.flat(), [tools.path("crane"), "copy"], process.env);
}

/** In the one form that cosign 3 writes by itself. */
async function cosignSign(
  tools: Toolchain,
  folder: BedFolder,
  { images }: MirrorPlan,
): Promise<number> {
  const home = folder.folder("cosign");
  const environment = { ...process.env, COSIGN_PASSWORD: "", HOME: home };
  const cosign = tools.path("cosign");
  const key = join(home, "bench.key");
  if (!existsSync(key)) {
    const prefix = ["--output-key-prefix", join(home, "bench")];
    await promisify(execFile)(cosign, ["generate-key-pair", ...prefix], { env: environment });
  }
  const flags = ["--yes", "--tlog-upload=false", "--use-signing-config=false", "--key", key];
  const references = images.map(({ to }) => to);
  return eachAtOnce(1, references, [cosign, "sign", ...flags], environment);
}

/** Seconds that `xargs` takes for a command a group of words, as many at once as we do. */
async function eachAtOnce(
  size: number,
  words: readonly string[],
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const began = performance.now();
  const child = spawn("xargs", ["-n", String(size), "-P", String(AT_ONCE), ...command], {
    stdio: ["pipe", "ignore", "pipe"],
    env: environment,
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.end(words.join("\n"));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw new Error(`${command.join(" ")} ended with ${code}\n${errors.slice(-2000)}`);
  return (performance.now() - began) / 1000;
}

/** Requests about images that registries have answered by now, from their access logs. */
function answered(folder: BedFolder, registries: readonly string[]): number {
  return registries.reduce((sum, name) => {
    const log = readFileSync(join(folder.path, "logs", `${name}.log`), "utf8");
    return sum + (log.match(/"[A-Z]+ \/v2\/(atom|bench)\/image-\S+ HTTP/g) ?? []).length;
  }, 0);
}

function nameOf(index: number): string {
  return `image-${String(index).padStart(3, "0")}`;
}

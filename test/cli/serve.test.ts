import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProgram } from "../../lib/cli/run";
import { readSigningKey } from "../../lib/cli/signing-key";
import { EXIT } from "../../lib/cli/terminal";
import type { Daemon, DaemonStatus } from "../../lib/daemons/daemon";
import { fleetDaemons } from "../../lib/daemons/fleet-daemons";
import { MirrorMetrics } from "../../lib/daemons/mirror-metrics";
import { readFleet } from "../../lib/fleet/read-fleet";
import { DAEMONS } from "../../lib/platform/daemon";
import { readImageLock, writeImageLock } from "../../lib/registry/mirror/lock-file";
import { SimulatedClock } from "../../lib/support/clock";
import { MemoryKvStore } from "../../lib/vault/memory-kv-store";
import { sealPayload } from "../../lib/vault/payload";
import { registries } from "../../lib/cli/registries";
import { RecordingTerminal } from "../doubles/recording-terminal";
import type { RegistryDouble } from "../doubles/registry-double";
import { end } from "../doubles/registry-double";
import { tempFolder } from "../doubles/temp-folder";
import { startVaultDouble } from "../doubles/vault-server";
import type { VaultDouble } from "../doubles/vault-server";
import { atom, imagesFrom, smallFleet, writeFleet, writeKeyPair } from "./atom";
import { lockFor } from "./lock-for";
import { startTwoRegistries } from "./two-registries";

const NAMES = DAEMONS.map(({ name }) => name);

/** Runs `atom serve` until `use` is done with it. */
async function serving(
  argv: readonly string[],
  use: (base: string) => Promise<void>,
): Promise<{ code: number; errors: string }> {
  const stopping = new AbortController();
  let announced!: (base: string) => void;
  const base = new Promise<string>((resolve) => (announced = resolve));
  const recording = new RecordingTerminal();
  const terminal = {
    ...recording,
    error: recording.error,
    out: (text: string) => {
      const [, url] = /^listening on (\S+)\n$/.exec(text) ?? [];
      if (url !== undefined) announced(url);
    },
  };
  let code: number = EXIT.ok;
  const program = createProgram({
    terminal,
    signal: stopping.signal,
    finish: (ended) => (code = ended),
  });
  const ended = program.parseAsync(["node", "atom", "serve", "--port", "0", ...argv]);
  await use(await base);
  stopping.abort();
  await ended;
  return { code, errors: recording.errors };
}

async function daemonsAt(base: string): Promise<DaemonStatus[]> {
  for (;;) {
    const { daemons } = (await (await fetch(`${base}/health`)).json()) as {
      daemons: DaemonStatus[];
    };
    if (daemons.every(({ status }) => status !== "starting")) return daemons;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("atom serve", () => {
  test("serves health and metrics until it is stopped", async () => {
    const fleet = writeFleet(tempFolder());
    const only = ["--only", "node-join", "bootstrap"];
    const { code } = await serving(["--fleet", fleet, ...only], async (base) => {
      const daemons = await daemonsAt(base);
      expect(daemons.map(({ name, status }) => [name, status])).toEqual([
        ["bootstrap", "healthy"],
        ["node-join", "healthy"],
      ]);
      expect((await fetch(`${base}/health`)).status).toBe(200);
      const metrics = await (await fetch(`${base}/metrics`)).text();
      expect(metrics).toContain('atom_daemon_healthy{daemon="node-join"} 1');
    });
    expect(code).toBe(0);
  });

  test("is unhealthy, and says why, without a lock", async () => {
    const fleet = writeFleet(tempFolder());
    await serving(["--fleet", fleet, "--only", "chart"], async (base) => {
      const [daemon] = await daemonsAt(base);
      expect(daemon).toEqual({
        name: "chart",
        status: "unhealthy",
        summary:
          "image lock: atom.lock.json: is not beside the fleet file; " +
          "lock the images' digests with: atom mirror lock --apply",
      });
      expect((await fetch(`${base}/health`)).status).toBe(503);
    });
  });

  test("fails for a fleet file that is wrong", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "atom.yaml"), "version: 2\n");
    const { code, error } = await atom(["serve", "--fleet", join(folder, "atom.yaml")]);
    expect(code).toBe(2);
    expect(error).toContain("Invalid fleet file");
  });

  test("fails for a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    try {
      const fleet = writeFleet(tempFolder());
      const { code, error } = await atom(["serve", "--fleet", fleet, "--port", String(port)]);
      expect(code).toBe(2);
      expect(error).toContain("cannot be listened on (EADDRINUSE)");
    } finally {
      taken.close();
    }
  });

  const UNHEEDED = "is of no use to the daemons that run";

  test.each([
    [["--cluster", "eu-prod"], `--cluster: ${UNHEEDED}; add --live`],
    [["--context", "eu"], `--context: ${UNHEEDED}; add --live`],
    [["--vault", "https://vault"], `--vault: ${UNHEEDED}; add --live`],
    [["--reports", "out"], `--reports: ${UNHEEDED}; add --live`],
    [["--live", "--only", "chart"], `--live: ${UNHEEDED}; add policy-monitor to --only`],
    [["--sync-mirror", "--only", "chart"], `--sync-mirror: ${UNHEEDED}; add mirror to --only`],
  ])("fails for %j, which nobody would look at", async (argv, words) => {
    const { code, error } = await atom(["serve", "--fleet", writeFleet(tempFolder()), ...argv]);
    expect({ code, error }).toEqual({ code: 2, error: `Invalid options:\n - ${words}\n` });
  });

  test("fails for a cluster that is none of the fleet's", async () => {
    const live = ["--live", "--cluster", "nope"];
    const { code, error } = await atom(["serve", "--fleet", writeFleet(tempFolder()), ...live]);
    expect(code).toBe(2);
    expect(error).toContain("Invalid clusters to scan:\n - --cluster: ");
  });

  test.each([
    [["--only", "mirrors"], "Allowed choices are"],
    [["--interval", "0"], "from 1 to 86400"],
    [["--port", "70000"], "from 0 to 65535"],
  ])("fails for %j", async (argv, words) => {
    const { code, error } = await atom(["serve", ...argv]);
    expect(code).toBe(2);
    expect(error).toContain(words);
  });
});

describe("the daemons of a fleet", () => {
  const tokens = { VAULT_PRIMARY_TOKEN: "token-a-7Jx4", VAULT_SECONDARY_TOKEN: "token-b-2Pn6" };
  let folder: string;
  let registry: RegistryDouble;
  let upstream: RegistryDouble;
  let primary: VaultDouble;
  let secondary: VaultDouble;
  let store: MemoryKvStore;
  let fleet: string;
  let key: ReturnType<typeof writeKeyPair>;

  beforeEach(async () => {
    folder = tempFolder();
    key = writeKeyPair(folder);
    [upstream, registry] = await startTwoRegistries();
    const clock = new SimulatedClock(new Date("2026-01-01T00:00:00Z"));
    store = new MemoryKvStore(clock);
    const mount = { mount: "atom", token: tokens.VAULT_PRIMARY_TOKEN };
    primary = await startVaultDouble(store, mount);
    secondary = await startVaultDouble(new MemoryKvStore(clock), {
      mount: "atom-eu-prod",
      token: tokens.VAULT_SECONDARY_TOKEN,
    });
    fleet = writeFleet(
      folder,
      smallFleet({
        registry: { target: registry.host },
        images: imagesFrom(upstream.host),
        vault: { primary: primary.address, secondary: secondary.address, mount: "atom" },
      }),
    );
  });
  afterEach(() =>
    Promise.all([registry.close(), upstream.close(), primary.close(), secondary.close()]),
  );

  const daemons = (environment: Record<string, string> = tokens) =>
    fleetDaemons({
      load: () => readFleet(fleet),
      environment,
      sourceOf: (target) => registries({}, target),
    });
  const pass = async (name: string, from = daemons()) =>
    from.find((daemon) => daemon.name === name)!.reconcile();

  test("are the platform's, in its order", () => {
    expect(daemons().map(({ name }) => name)).toEqual(NAMES);
  });

  test("are healthy once everything was locked, mirrored and replicated", async () => {
    const environment = { ...key.environment, ...tokens };
    await store.write("tenants/acme/database", sealPayload({ password: "p" }));
    await atom(["mirror", "lock", fleet, "--apply"]);
    await atom(["mirror", "sync", fleet, "--apply"], { environment });
    await atom(["vault", "sync", fleet, "--apply"], { environment });
    const all = daemons();
    const found = [];
    for (const { name } of all) found.push({ name, ...(await pass(name, all)) });
    expect(found.filter(({ healthy }) => !healthy)).toEqual([]);
    expect(found.map(({ summary }) => summary)).toEqual([
      "1 cluster with 2 nodes as at the start",
      "5 images whole and signed",
      "1 secret in step",
      expect.stringMatching(/^1 render, [0-9]+ objects, as at the start$/),
      "1 pool planned for 2 nodes",
      expect.stringMatching(/^P1 to P7 hold over [0-9]+ planned objects$/),
    ]);
  });

  describe("mirror with a key", () => {
    const FIGURES = /^atom_mirror_(?!.*timestamp)\S+ \S+$/gm;
    let registryOfMetrics: Registry;
    let mirror: Daemon;

    beforeEach(async () => {
      await atom(["mirror", "lock", fleet, "--apply"]);
      registryOfMetrics = new Registry();
      mirror = fleetDaemons({
        load: () => readFleet(fleet, key.environment),
        environment: {},
        sourceOf: (target) => registries({}, target),
        metrics: new MirrorMetrics(registryOfMetrics),
        readKey: (loaded) => readSigningKey(key.environment, loaded),
      }).find(({ name }) => name === "mirror")!;
    });

    const figures = async () => (await registryOfMetrics.metrics()).match(FIGURES);

    test("copies what is missing, once", async () => {
      const passes = [await mirror.reconcile(), await mirror.reconcile()];
      const whole = { healthy: true, summary: "5 images whole and signed" };
      expect(passes).toEqual([whole, whole]);
      const { images } = readImageLock(join(folder, "atom.lock.json"))!;
      const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
      expect(await figures()).toEqual([
        'atom_mirror_images{result="whole"} 5',
        'atom_mirror_images{result="failed"} 0',
        "atom_mirror_signatures_missing 0",
        "atom_mirror_copied_images_total 5",
        `atom_mirror_copied_bytes_total ${bytes}`,
      ]);
      expect(await registryOfMetrics.metrics()).toMatch(/last_good_sync_timestamp_seconds [1-9]/);
    });

    test("counts a failure by its kind, and is no good sync then", async () => {
      registry.fault("POST", /atom\/api\/blobs/, (_, response) => end(response, 403), 99);
      const { healthy, summary } = await mirror.reconcile();
      expect(healthy).toBe(false);
      expect(summary).toMatch(/^1 of 5 images: api sha256:[0-9a-f]{64}: /);
      expect(await figures()).toEqual(
        expect.arrayContaining([
          'atom_mirror_images{result="failed"} 1',
          "atom_mirror_signatures_missing 1",
          'atom_mirror_failures_total{failure="denied"} 1',
        ]),
      );
      expect(await registryOfMetrics.metrics()).toMatch(/last_good_sync_timestamp_seconds 0/);
    });
  });

  test("mirror: a signature that is gone is counted", async () => {
    await atom(["mirror", "lock", fleet, "--apply"]);
    await atom(["mirror", "sync", fleet, "--apply"], { environment: key.environment });
    for (const tag of registry.tags.keys()) {
      if (/^atom\/api:sha256-/.test(tag)) registry.tags.delete(tag);
    }
    const metrics = new Registry();
    const [mirror] = fleetDaemons({
      load: () => readFleet(fleet),
      environment: {},
      sourceOf: (target) => registries({}, target),
      metrics: new MirrorMetrics(metrics),
    }).filter(({ name }) => name === "mirror");
    expect(await mirror!.reconcile()).toEqual({
      healthy: false,
      summary: "1 of 5 images: api: there is no signature",
    });
    expect(await metrics.metrics()).toContain("atom_mirror_signatures_missing 1\n");
  });

  test("mirror: an image that is not there is named", async () => {
    writeImageLock(
      join(folder, "atom.lock.json"),
      lockFor(smallFleet({ images: imagesFrom(upstream.host) })),
    );
    const { healthy, summary } = await pass("mirror");
    expect(healthy).toBe(false);
    expect(summary).toMatch(/^5 of 5 images: api: .*is not at the target/);
  });

  test("vault-sync: a secret that differs makes it unhealthy", async () => {
    await store.write("tenants/acme/database", sealPayload({ password: "p" }));
    expect(await pass("vault-sync")).toEqual({
      healthy: false,
      summary: "eu-prod: 1 secret not as the primary has it",
    });
  });

  test("vault-sync: a Vault that is away, or no token, is a plain reason", async () => {
    expect(await pass("vault-sync", daemons({}))).toEqual({
      healthy: false,
      summary:
        "environment: VAULT_PRIMARY_TOKEN: is not set; export VAULT_PRIMARY_TOKEN=<token>; " +
        "VAULT_SECONDARY_TOKEN: is not set; export VAULT_SECONDARY_TOKEN=<token>, or VAULT_TOKEN",
    });
    await secondary.close();
    expect(await pass("vault-sync")).toEqual({
      healthy: false,
      summary: expect.stringMatching(
        `^secondary Vault ${secondary.address}: nothing listens there \\(ECONNREFUSED\\); see that it runs`,
      ) as unknown,
    });
  });

  test("vault-sync: what is unreadable is told with its reason, and VAULT_TOKEN is the secondary's", async () => {
    await store.write("tenants/acme/database", sealPayload({ password: "p" }));
    primary.fault = ({ url }) => (url.includes("database") ? { status: 403 } : undefined);
    const { VAULT_PRIMARY_TOKEN, VAULT_SECONDARY_TOKEN: VAULT_TOKEN } = tokens;
    expect(await pass("vault-sync", daemons({ VAULT_PRIMARY_TOKEN, VAULT_TOKEN }))).toEqual({
      healthy: false,
      summary:
        "eu-prod: 1 unreadable: primary Vault: the token's policies do not allow it on mount atom; " +
        'let it do "read" on atom/data/tenants/* and "read", "list" on atom/metadata/tenants/*',
    });
  });

  test("chart: another lock than at the start makes it unhealthy", async () => {
    const images = imagesFrom(upstream.host);
    const lock = lockFor(smallFleet({ images }));
    writeImageLock(join(folder, "atom.lock.json"), lock);
    const all = daemons();
    expect((await pass("chart", all)).healthy).toBe(true);
    expect((await pass("chart", all)).healthy).toBe(true);
    const [api, ...rest] = lock.images;
    const moved = { ...api!, digest: lock.images[1]!.digest };
    writeImageLock(join(folder, "atom.lock.json"), { version: 1, images: [moved, ...rest] });
    expect(await pass("chart", all)).toEqual({
      healthy: false,
      summary: "a render is another than at the start: deploy, then restart",
    });
  });

  test("bootstrap: a kube context that is gone is a plain reason", async () => {
    const [cluster] = smallFleet()["clusters"] as object[];
    writeFleet(folder, smallFleet({ clusters: [{ ...cluster, source: { context: "gone" } }] }));
    const { healthy, summary } = await pass("bootstrap");
    expect(healthy).toBe(false);
    expect(summary).toMatch(/gone|there is no kubeconfig/);
  });
});

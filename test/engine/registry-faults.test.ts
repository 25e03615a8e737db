import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyTree } from "../../lib/registry/mirror/copy";
import { HttpRegistry } from "../../lib/registry/http/http-registry";
import type { HttpRegistryOptions } from "../../lib/registry/http/http-registry";
import { readImageTree } from "../../lib/registry/image-tree";
import type { ImageTree } from "../../lib/registry/image-tree";
import { OciLayout } from "../../lib/registry/layout/oci-layout";
import type { RegistryClient } from "../../lib/registry/registry-client";
import { RegistryError } from "../../lib/registry/registry-error";
import { sha256 } from "../../lib/support/digest";
import type { Digest } from "../../lib/support/digest";
import { Secret } from "../../lib/support/secret";
import { end } from "../doubles/registry-double";
import { engine } from "./engine";
import { look, putImage, wrongFiles } from "./registry-faults/copied-image";
import { FaultProxy } from "./registry-faults/fault-proxy";
import { BODY_FAULTS, FAULTS } from "./registry-faults/faults";
import type { Ending, NamedFault } from "./registry-faults/faults";

const { bed } = engine();
const { host, username, password } = bed.securedRegistry;
const credentials = { username, password: Secret.of(password) };
const basic = Buffer.from(`${username}:${password}`).toString("base64");
const ca = readFileSync(bed.caFile, "utf8");

const SOURCE = "faults/source";
const ATTEMPTS = 4;

let run = 0;
let image: Digest;
/** In front of the registry that is copied from, with a token server. */
let source: FaultProxy;
/** In front of the one that is copied to, which wants a password. */
let target: FaultProxy;
let waits: number[] = [];
let folder: string;

/** The registry itself, for what is put there before and looked at afterwards. */
const direct = new HttpRegistry({ registry: host, credentials, authorities: [ca] });

beforeAll(async () => {
  image = await putImage(direct, SOURCE, "1");
  const origin = `https://${host}`;
  source = await FaultProxy.start({ origin, ca, authorization: `Basic ${basic}` });
  target = await FaultProxy.start({ origin, ca });
});
afterAll(async () => {
  await source.stop();
  await target.stop();
});
beforeEach(() => {
  waits = [];
  folder = mkdtempSync(join(tmpdir(), "atom-faults-"));
  run += 1;
});
afterEach(() => {
  source.set();
  target.set();
  rmSync(folder, { recursive: true });
});

function clientOf(proxy: FaultProxy, options: Partial<HttpRegistryOptions> = {}): HttpRegistry {
  const timing = {
    wait: (milliseconds: number) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    random: () => 0.5,
  };
  return new HttpRegistry({
    registry: proxy.host,
    credentials,
    authorities: [proxy.authority],
    timing,
    retries: { attempts: ATTEMPTS },
    partBytes: 100_000,
    ...options,
  });
}

interface Target {
  readonly client: RegistryClient;
  readonly repository: string;
  /** Reads the target by another way than it was written, and says what is there under a wrong digest. */
  inspect(tree: ImageTree): Promise<{ readonly tag: Digest | undefined; readonly wrong: string[] }>;
}

const TARGETS: Readonly<Record<string, (options?: Partial<HttpRegistryOptions>) => Target>> = {
  "a registry": (options) => {
    const repository = `faults/target-${process.pid}-${run}`;
    return {
      client: clientOf(target, options),
      repository,
      inspect: (tree) => look(direct, repository, tree),
    };
  },
  "an OCI layout": () => {
    const layout = new OciLayout(folder);
    return {
      client: layout,
      repository: "faults/target",
      inspect: async (tree) => {
        const seen = await look(layout, "faults/target", tree);
        return { ...seen, wrong: [...seen.wrong, ...wrongFiles(folder)] };
      },
    };
  },
};

/** Copies the image, with its tag last, and says how that ended and all that was said about it. */
async function copy(from: RegistryClient, { client, repository }: Target) {
  try {
    const tree = await readImageTree(from, SOURCE, image);
    // As a mirror does, to see whether there is anything to do.
    await client.headManifest(repository, "1");
    await copyTree(tree!, { client: from, repository: SOURCE }, { client, repository });
    await client.putManifest(repository, "1", tree!.root.mediaType, tree!.root.bytes);
    return { ending: "copied" as Ending, said: "" };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const said = inspect([error, from, client], { showHidden: true, depth: 9 });
    return { ending: error.failure as Ending, said: `${error.message}\n${error.stack}\n${said}` };
  }
}

/** Whole under its tag, or not under its tag; never anything under a wrong digest; never a secret. */
async function expectEnding(expected: Ending, from: RegistryClient, to: Target): Promise<void> {
  const { ending, said } = await copy(from, to);
  expect(ending).toBe(expected);
  const tree = (await readImageTree(direct, SOURCE, image))!;
  const { tag, wrong } = await to.inspect(tree);
  expect({ tag, wrong }).toEqual({ tag: expected === "copied" ? image : undefined, wrong: [] });
  for (const secret of [password, basic]) expect(said).not.toContain(secret);
}

const first =
  (count: number, { fault }: NamedFault): NamedFault["fault"] =>
  (exchange) =>
    exchange.number <= count ? fault(exchange) : exchange.forward();

/** Few enough waits, as the default policy has it, for what a registry may ask for. */
function expectBounded(): void {
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(120_000);
}

/** Silence has to be told from a slow machine. */
const IMPATIENT = { patience: 1_000, retries: { attempts: 2 } };
const SLOW = /by the drop/;

describe.each(Object.keys(TARGETS))("a copy to %s", (kind) => {
  const make = TARGETS[kind]!;

  test("goes through", async () => {
    await expectEnding("copied", clientOf(source), make());
    expect(waits).toEqual([]);
  });

  describe.each([
    ["token", "GET", /^\/token/],
    ["manifest", "GET", /\/manifests\//],
    ["blob", "GET", /\/blobs\//],
  ])("whose source meets, at each GET of a %s,", (_, method, path) => {
    test.each(FAULTS)("$name", async ({ fault, always, ...named }) => {
      source.set({ method, path, fault: first(2, { fault, always, ...named }) });
      await expectEnding("copied", clientOf(source), make());
      expect(waits.length).toBeGreaterThan(0);
      source.set({ method, path, fault });
      await expectEnding(always, clientOf(source), freshly(make));
      expectBounded();
    });
  });

  describe.each([
    ["manifest", /\/manifests\//],
    ["blob", /\/blobs\//],
  ])("whose source gives, for each %s,", (_, path) => {
    test.each(BODY_FAULTS)("$name", async ({ name, fault, always, twice = "copied" }) => {
      const options = SLOW.test(name) ? IMPATIENT : {};
      const once = { name, fault, always };
      source.set({ method: "GET", path, fault: first(1, once) });
      await expectEnding(twice, clientOf(source, options), make());
      source.set({ method: "GET", path, fault });
      await expectEnding(always, clientOf(source, options), freshly(make));
      expectBounded();
    });
  });
});

function freshly(make: () => Target): Target {
  run += 1;
  rmSync(folder, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "atom-faults-"));
  return make();
}

describe.each([
  ["HEAD of a blob", "HEAD", /\/blobs\//],
  ["POST of an upload", "POST", /\/uploads\//],
  ["PATCH of an upload", "PATCH", /\/uploads\//],
  ["PUT of an upload", "PUT", /\/uploads\//],
  ["HEAD of a manifest", "HEAD", /\/manifests\//],
  ["PUT of a manifest", "PUT", /\/manifests\//],
])("a copy to a registry that meets, at each %s,", (_, method, path) => {
  const make = TARGETS["a registry"]!;

  test.each(FAULTS)("$name", async (named) => {
    target.set({ method, path, fault: first(2, named) });
    await expectEnding("copied", clientOf(source), make());
    target.set({ method, path, fault: named.fault });
    await expectEnding(named.always, clientOf(source), freshly(make));
    // Of two blobs; a connection that was kept may turn out to be closed once an attempt.
    expect(target.count(method, path)).toBeLessThanOrEqual(2 * 2 * ATTEMPTS);
    expectBounded();
  });

  test("R1 403", async () => {
    target.set({ method, path, fault: ({ response }) => end(response, 403) });
    await expectEnding("denied", clientOf(source), make());
    expect(waits).toEqual([]);
  });

  test("R3 silence", async () => {
    target.set({ method, path, fault: () => undefined });
    await expectEnding("unreachable", clientOf(source), make(IMPATIENT));
  });

  test("R3 silence after the registry has done what it was asked", async () => {
    const forget = first(1, {
      name: "",
      always: "unreachable",
      fault: ({ request, forward }) => forward(() => void request.socket.destroy()),
    });
    target.set({ method, path, fault: forget });
    await expectEnding("copied", clientOf(source), make());
  });
});

test("R3 an upload that breaks off is taken up again where the registry stands", async () => {
  const make = TARGETS["a registry"]!;
  const offsets: (string | undefined)[] = [];
  target.set({
    method: "PATCH",
    path: /\/uploads\//,
    fault: ({ request, number, forward }) => {
      offsets.push(request.headers["content-range"]);
      return number === 2 ? void request.socket.destroy() : forward();
    },
  });
  await expectEnding("copied", clientOf(source), make());
  expect(offsets).toEqual(["0-99999", "100000-199999", "100000-199999", "200000-299999"]);
});

describe("R4 a tag", () => {
  test("that moves between HEAD and GET gives one image or the other, and the pinned one is copied", async () => {
    const repository = `faults/moving-${process.pid}`;
    const before = await putImage(direct, repository, "1");
    let after = before;
    source.set({
      method: "GET",
      path: /\/manifests\/1$/,
      fault: async ({ forward }) => {
        after = await putImage(direct, repository, "1");
        return forward();
      },
    });
    const client = clientOf(source);
    expect(await client.headManifest(repository, "1")).toBe(before);
    expect((await client.getManifest(repository, "1"))?.digest).toBe(after);
    expect(after).not.toBe(before);
    const pinned = await readImageTree(client, repository, before);
    expect(pinned?.root.digest).toBe(before);
  });

  test("whose manifest is another than the header says fails", async () => {
    source.set({
      method: "GET",
      path: /\/manifests\/1$/,
      fault: ({ forward }) =>
        forward((answer) => ({
          ...answer,
          headers: { ...answer.headers, "docker-content-digest": sha256("another") },
        })),
    });
    await expect(clientOf(source).getManifest(SOURCE, "1")).rejects.toMatchObject({
      failure: "corrupt",
    });
  });
});

describe("R7 a blob that is redirected", () => {
  let elsewhere: FaultProxy;
  let unencrypted: FaultProxy;

  beforeAll(async () => {
    elsewhere = await FaultProxy.start({ origin: `http://${bed.openRegistry.host}` });
    unencrypted = await FaultProxy.start({ origin: `http://${bed.openRegistry.host}` }, true);
  });
  afterAll(async () => {
    await elsewhere.stop();
    await unencrypted.stop();
  });
  beforeEach(() => {
    elsewhere.set();
    unencrypted.set();
  });

  function redirect(to: (path: string) => string, status = 307): void {
    source.set({
      method: "GET",
      path: /\/blobs\//,
      fault: ({ request, response }) => end(response, status, { location: to(request.url ?? "") }),
    });
  }

  test.each([301, 302, 303, 307, 308])(
    "by %i to another host carries no credentials",
    async (status) => {
      const tree = (await readImageTree(direct, SOURCE, image))!;
      const open = new HttpRegistry({ registry: bed.openRegistry.host });
      await copyTree(
        tree,
        { client: direct, repository: SOURCE },
        { client: open, repository: SOURCE },
      );
      redirect((path) => `https://${elsewhere.host}${path}`, status);
      const authorities = [source.authority, elsewhere.authority];
      await expectEnding("copied", clientOf(source, { authorities }), TARGETS["an OCI layout"]!());
      expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([
        undefined,
        undefined,
      ]);
    },
  );

  test("in a circle is given up", async () => {
    redirect((path) => path);
    await expectEnding("refused", clientOf(source), TARGETS["an OCI layout"]!());
    expect(source.count("GET", /\/blobs\//)).toBeLessThanOrEqual(12);
  });

  test("to where nothing is encrypted is not followed", async () => {
    redirect((path) => `http://${unencrypted.host}${path}`);
    await expectEnding("refused", clientOf(source), TARGETS["an OCI layout"]!());
    expect(unencrypted.seen).toEqual([]);
  });

  test("to a token server where nothing is encrypted gets no credentials", async () => {
    const realm = `http://${unencrypted.host}/token`;
    source.set({
      method: "GET",
      path: /\/manifests\//,
      fault: ({ response }) =>
        end(response, 401, { "www-authenticate": `Bearer realm="${realm}"` }),
    });
    await expectEnding("denied", clientOf(source), TARGETS["an OCI layout"]!());
    expect(unencrypted.seen).toEqual([]);
  });

  test("of an upload is not followed", async () => {
    target.set({
      method: "PUT",
      path: /\/uploads\//,
      fault: ({ request, response }) =>
        end(response, 307, { location: `https://${elsewhere.host}${request.url}` }),
    });
    await expectEnding("refused", clientOf(source), TARGETS["a registry"]!({ partBytes: 1e9 }));
    expect(elsewhere.seen).toEqual([]);
  });
});

test("R10 two copies of one image into one repository at a time both go through", async () => {
  const one = TARGETS["a registry"]!();
  const two = { ...one, client: clientOf(target) };
  const endings = await Promise.all([copy(clientOf(source), one), copy(clientOf(source), two)]);
  expect(endings.map(({ ending }) => ending)).toEqual(["copied", "copied"]);
  const tree = (await readImageTree(direct, SOURCE, image))!;
  expect(await one.inspect(tree)).toEqual({ tag: image, wrong: [] });
});

test("a blob is mounted from another repository, and a manifest is deleted with its tags", async () => {
  const tree = (await readImageTree(direct, SOURCE, image))!;
  const repository = `faults/mounted-${process.pid}`;
  const open = () => {
    throw new Error("a blob that is there already is not to be read");
  };
  for (const blob of tree.blobs) {
    await direct.putBlob(repository, blob, open, { mountFrom: SOURCE });
  }
  for (const tag of ["1", "2"]) {
    await direct.putManifest(repository, tag, tree.root.mediaType, tree.root.bytes);
  }
  expect(await tagsOf(repository)).toEqual(["1", "2"]);
  expect(await direct.deleteManifest(repository, image)).toBe(true);
  expect(await tagsOf(repository)).toEqual([]);
  expect(await direct.deleteManifest(repository, image)).toBe(false);
});

async function tagsOf(repository: string): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of direct.listTags(repository)) tags.push(tag);
  return tags;
}

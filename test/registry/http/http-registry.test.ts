import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OCI_INDEX } from "../../../lib/registry/media-types";
import { HttpRegistry } from "../../../lib/registry/http/http-registry";
import { HttpTransport } from "../../../lib/registry/http/http-transport";
import { collect } from "../../../lib/registry/verified-stream";
import { SimulatedClock } from "../../../lib/support/clock";
import { sha256 } from "../../../lib/support/digest";
import { Secret } from "../../../lib/support/secret";
import { end, RegistryDouble } from "../../doubles/registry-double";
import { blobOf, clientFor, seedImages } from "../helpers";

const REPOSITORY = "atom-cloud/api";
const CANARY = "canary-Zq7x-password";

let double: RegistryDouble;
let elsewhere: RegistryDouble;

beforeEach(async () => {
  double = await new RegistryDouble().start();
  elsewhere = await new RegistryDouble().start();
});

afterEach(async () => {
  await double.close();
  await elsewhere.close();
});

/** A large enough blob that it does not come in one chunk. */
const large = blobOf(Buffer.alloc(300_000, "layer"));

function store(blob: ReturnType<typeof blobOf>): void {
  double.blobs.set(`${REPOSITORY}@${blob.digest}`, blob.bytes);
}

function read(client: HttpRegistry, blob: ReturnType<typeof blobOf>): Promise<Buffer> {
  return collect(client.openBlob(REPOSITORY, blob), 1 << 24, "blob");
}

describe("HttpRegistry", () => {
  test("stores and reads an image, byte for byte", async () => {
    const { client } = clientFor(double);
    await seedImages(client, "api");
    const stored = await client.getManifest(REPOSITORY, "7.2.0");
    expect(stored?.digest).toBe(await client.headManifest(REPOSITORY, "7.2.0"));
    expect(sha256(stored?.bytes ?? "")).toBe(stored?.digest);
    await client.putBlob(REPOSITORY, large, large.open);
    expect(await client.hasBlob(REPOSITORY, large)).toBe(true);
    expect((await read(client, large)).equals(large.bytes)).toBe(true);
  });

  test("gives nothing for what is not there", async () => {
    const { client } = clientFor(double);
    expect(await client.getManifest(REPOSITORY, "none")).toBeUndefined();
    expect(await client.headManifest(REPOSITORY, "none")).toBeUndefined();
    expect(await client.hasBlob(REPOSITORY, large)).toBe(false);
    expect(await client.listReferrers(REPOSITORY, large.digest)).toEqual([]);
    await expect(read(client, large)).rejects.toMatchObject({ failure: "missing" });
  });

  test.each([true, false])("lists referrers, with a referrers API: %s", async (referrersApi) => {
    double.referrersApi = referrersApi;
    const { client } = clientFor(double);
    const subject = { mediaType: OCI_INDEX, digest: sha256("subject"), size: 7 };
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], subject }),
    );
    await client.putManifest(REPOSITORY, sha256(bytes), OCI_INDEX, bytes);
    const listed = await client.listReferrers(REPOSITORY, subject.digest);
    expect(listed.map(({ digest }) => digest)).toEqual([sha256(bytes)]);
    const fallback = double.tags.has(`${REPOSITORY}:${subject.digest.replace(":", "-")}`);
    expect(fallback).toBe(!referrersApi);
  });

  test.each(["basic", "bearer"] as const)("signs in by %s and prints no secret", async (auth) => {
    double.auth = auth;
    double.password = CANARY;
    const credentials = { username: "mirror", password: Secret.of(CANARY) };
    const { client } = clientFor(double, { credentials });
    await client.putBlob(REPOSITORY, large, large.open);
    expect((await read(client, large)).equals(large.bytes)).toBe(true);
    expect(inspect(client, { showHidden: true, depth: 9 })).not.toContain(CANARY);
    const wrong = { username: "mirror", password: Secret.of(`${CANARY}-wrong`) };
    const refused = clientFor(double, { credentials: wrong }).client.hasBlob(REPOSITORY, large);
    await expect(refused).rejects.toMatchObject({
      failure: "denied",
      message: expect.not.stringContaining(CANARY) as string,
    });
  });

  test.each(["", "a/b", "user:pass@host", "host:0", "http://host"])(
    "fails for the registry %j",
    (registry) => {
      expect(() => new HttpRegistry({ registry })).toThrow(RangeError);
    },
  );
});

const operations: readonly [string, string, RegExp, (client: HttpRegistry) => Promise<unknown>][] =
  [
    ["HEAD manifest", "HEAD", /manifests/, (c) => c.headManifest(REPOSITORY, "7.2.0")],
    ["GET manifest", "GET", /manifests/, (c) => c.getManifest(REPOSITORY, "7.2.0")],
    ["HEAD blob", "HEAD", /blobs/, (c) => c.hasBlob(REPOSITORY, large)],
    ["GET blob", "GET", /blobs/, (c) => read(c, large)],
    ["POST upload", "POST", /uploads/, (c) => c.putBlob(REPOSITORY, large, large.open)],
    ["PUT upload", "PUT", /uploads/, (c) => c.putBlob(REPOSITORY, large, large.open)],
    ["GET referrers", "GET", /referrers/, (c) => c.listReferrers(REPOSITORY, large.digest)],
    ["GET token", "GET", /token/, (c) => c.headManifest(REPOSITORY, "7.2.0")],
  ];

describe.each(operations)("%s", (_, method, path, operation) => {
  beforeEach(async () => {
    await seedImages(clientFor(double).client, "api");
    store(large);
    double.seen.length = 0;
    double.auth = path.source === "token" ? "bearer" : "none";
  });

  test.each([500, 502, 503, 504])("R1 %i is tried again", async (status) => {
    double.fault(method, path, (_request, response) => end(response, status), 2);
    const { client, waits } = clientFor(double);
    await operation(client);
    expect(double.count(method, path)).toBe(3);
    expect(waits).toEqual([250, 500]);
  });

  test("R1 a server that stays broken is given up after the allowed attempts", async () => {
    double.fault(method, path, (_request, response) => end(response, 503), Infinity);
    const { client, waits } = clientFor(double);
    await expect(operation(client)).rejects.toMatchObject({ failure: "unreachable" });
    expect(double.count(method, path)).toBe(4);
    expect(waits).toEqual([250, 500, 1_000]);
  });

  test.each([
    [403, "denied"],
    [418, path.source === "token" ? "denied" : "refused"],
  ])("R1 %i is not tried again", async (status, failure) => {
    double.fault(method, path, (_request, response) => end(response, status), Infinity);
    const { client, waits } = clientFor(double);
    await expect(operation(client)).rejects.toMatchObject({ failure });
    expect(double.count(method, path)).toBe(1);
    expect(waits).toEqual([]);
  });

  test("R2 429 is waited out as the server asks", async () => {
    const answer = (retryAfter?: string) =>
      double.fault(method, path, (_request, response) =>
        end(response, 429, retryAfter === undefined ? {} : { "retry-after": retryAfter }),
      );
    answer("7");
    answer("Thu, 01 Jan 2026 00:00:20 GMT");
    answer();
    const clock = new SimulatedClock(new Date("2026-01-01T00:00:00Z"));
    const { client, waits } = clientFor(double, { clock });
    await operation(client);
    expect(waits).toEqual([7_000, 20_000, 1_000]);
  });

  test("R3 a reset connection is tried again", async () => {
    double.fault(method, path, (request) => void request.socket.destroy());
    const { client } = clientFor(double);
    await operation(client);
    expect(double.count(method, path)).toBeGreaterThan(1);
  });

  test("R3 a server that never answers is given up", async () => {
    double.fault(method, path, () => undefined, Infinity);
    const { client } = clientFor(double, { patience: 50, retries: { attempts: 2 } });
    await expect(operation(client)).rejects.toMatchObject({
      failure: "unreachable",
      message: expect.stringContaining("too slow or silent for 50 ms") as string,
    });
  });
});

test("R2 a server that asks for more patience than there is gets no further attempt", async () => {
  const busy = (seconds: string) =>
    double.fault("HEAD", /manifests/, (_q, r) => end(r, 429, { "retry-after": seconds }), 9);
  busy("3600");
  const { client, waits } = clientFor(double, { retries: { attempts: 9 } });
  await expect(client.headManifest(REPOSITORY, "7.2.0")).rejects.toMatchObject({
    failure: "unreachable",
  });
  expect(waits).toEqual([60_000, 60_000]);
});

describe("R3 a blob's body", () => {
  beforeEach(() => store(large));

  test("that breaks off is taken up again where it broke", async () => {
    double.fault("GET", /blobs/, (_request, response) => {
      response.writeHead(200, { "content-length": large.size });
      response.write(large.bytes.subarray(0, 100_000), () => response.destroy());
    });
    expect((await read(clientFor(double).client, large)).equals(large.bytes)).toBe(true);
    const [first, second] = double.seen.map(({ range }) => range);
    expect(first).toBeUndefined();
    expect(second).toMatch(/^bytes=[1-9][0-9]*-$/);
  });

  test("that breaks off is read past where the registry knows no ranges", async () => {
    double.fault("GET", /blobs/, (_request, response) => {
      response.writeHead(200, { "content-length": large.size });
      response.write(large.bytes.subarray(0, 100_000), () => response.destroy());
    });
    double.fault("GET", /blobs/, (_request, response) => {
      response.writeHead(200);
      response.end(large.bytes);
    });
    expect((await read(clientFor(double).client, large)).equals(large.bytes)).toBe(true);
  });

  test.each([
    ["is shorter, with a length that says so", large.bytes.subarray(9), 300_000 - 9],
    ["is shorter, without a length", large.bytes.subarray(9), undefined],
    ["is empty", Buffer.alloc(0), 0],
    ["is longer", Buffer.concat([large.bytes, Buffer.from("x")]), undefined],
    ["R4 is another one of the same length", Buffer.alloc(300_000, "other"), 300_000],
  ])("that %s fails", async (_, body, length) => {
    double.fault("GET", /blobs/, (_request, response) => {
      response.writeHead(200, length === undefined ? {} : { "content-length": length });
      response.end(body);
    });
    await expect(read(clientFor(double).client, large)).rejects.toMatchObject({
      failure: "corrupt",
    });
  });

  test("that always breaks off is given up", async () => {
    const broken = () =>
      double.fault(
        "GET",
        /blobs/,
        (_request, response) => {
          response.writeHead(200, { "content-length": large.size });
          response.write("layer", () => response.destroy());
        },
        Infinity,
      );
    broken();
    await expect(read(clientFor(double).client, large)).rejects.toMatchObject({
      failure: expect.stringMatching(/unreachable|refused/) as string,
    });
    expect(double.seen.length).toBeLessThanOrEqual(16);
  });

  test("that comes by the drop is given up", async () => {
    const timers: NodeJS.Timeout[] = [];
    double.fault("GET", /blobs/, (_request, response) => {
      response.writeHead(200, { "content-length": large.size });
      timers.push(setInterval(() => response.write("l"), 5));
    });
    const { client } = clientFor(double, { patience: 60, retries: { attempts: 1 } });
    await expect(read(client, large)).rejects.toMatchObject({ failure: "unreachable" });
    timers.forEach(clearInterval);
  });

  test("that was compressed on the way fails: its digest is that of other bytes", async () => {
    const answer = (bytes: Buffer) =>
      double.fault("GET", /blobs/, (_request, response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(bytes);
      });
    answer(gzipSync(large.bytes));
    await expect(read(clientFor(double).client, large)).rejects.toMatchObject({
      failure: "corrupt",
    });
    // A header that lies does no harm: the bytes are the blob's.
    answer(large.bytes);
    expect((await read(clientFor(double).client, large)).equals(large.bytes)).toBe(true);
  });
});

describe("R4 a manifest", () => {
  beforeEach(() => seedImages(clientFor(double).client, "api", "worker"));

  function serveWorker(): void {
    const digest = double.tags.get("atom-cloud/worker:7.2.0") ?? "";
    const { bytes } = double.manifests.get(`atom-cloud/worker@${digest}`)!;
    double.fault("GET", /manifests/, (_request, response) => {
      response.writeHead(200, { "docker-content-digest": sha256("api") });
      response.end(bytes);
    });
  }

  test("with another digest than asked for fails", async () => {
    const digest = double.tags.get(`${REPOSITORY}:7.2.0`) ?? "";
    serveWorker();
    const { client } = clientFor(double);
    await expect(client.getManifest(REPOSITORY, digest)).rejects.toMatchObject({
      failure: "corrupt",
    });
  });

  test("with another digest than its header says fails", async () => {
    serveWorker();
    const { client } = clientFor(double);
    await expect(client.getManifest(REPOSITORY, "7.2.0")).rejects.toMatchObject({
      failure: "corrupt",
    });
  });

  test("that is empty fails", async () => {
    double.fault("GET", /manifests/, (_request, response) => end(response, 200));
    const { client } = clientFor(double);
    await expect(client.getManifest(REPOSITORY, "7.2.0")).rejects.toMatchObject({
      failure: "refused",
    });
  });

  test.each([`sha512:${"0".repeat(128)}`, "md5:0", `sha256:${"A".repeat(64)}`])(
    "R5 with the digest %s fails",
    async (digest) => {
      for (const method of ["HEAD", "GET"]) {
        double.fault(method, /manifests/, (_request, response) =>
          end(response, 200, { "docker-content-digest": digest }),
        );
      }
      const { client } = clientFor(double);
      const refused = {
        failure: "refused",
        message: expect.stringContaining("its digest is not sha256") as string,
      };
      await expect(client.headManifest(REPOSITORY, "7.2.0")).rejects.toMatchObject(refused);
      await expect(client.getManifest(REPOSITORY, "7.2.0")).rejects.toMatchObject(refused);
      await expect(client.getManifest(REPOSITORY, digest)).rejects.toMatchObject({
        failure: "refused",
      });
    },
  );

  test("R6 of more than 4 MiB fails before it is read whole", async () => {
    double.fault("GET", /manifests/, (_request, response) => {
      response.writeHead(200);
      response.end(Buffer.alloc(5 << 20, " "));
    });
    const { client } = clientFor(double);
    await expect(client.getManifest(REPOSITORY, "7.2.0")).rejects.toMatchObject({
      failure: "refused",
      message: expect.stringContaining("is above 4194304 bytes") as string,
    });
  });
});

describe("R7 a redirect", () => {
  const credentials = { username: "mirror", password: Secret.of(CANARY) };

  beforeEach(() => {
    store(large);
    double.auth = "basic";
    double.password = CANARY;
  });

  function redirect(location: string, times = 1): void {
    double.fault(
      "GET",
      /blobs/,
      (request, response, normal) =>
        request.headers.authorization === undefined ? normal() : end(response, 307, { location }),
      times + 1,
    );
  }

  test("to another host carries no credentials", async () => {
    elsewhere.blobs.set(`${REPOSITORY}@${large.digest}`, large.bytes);
    redirect(`http://${elsewhere.host}/v2/${REPOSITORY}/blobs/${large.digest}`);
    const { client } = clientFor(double, { credentials });
    expect((await read(client, large)).equals(large.bytes)).toBe(true);
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test("to a host that asks for credentials gets none", async () => {
    elsewhere.auth = "basic";
    redirect(`http://${elsewhere.host}/v2/${REPOSITORY}/blobs/${large.digest}`);
    const { client } = clientFor(double, { credentials });
    await expect(read(client, large)).rejects.toMatchObject({ failure: "denied" });
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test("to a host that names a token server of its own gets none", async () => {
    elsewhere.auth = "bearer";
    const location = `http://${elsewhere.host}/v2/${REPOSITORY}/blobs/${large.digest}`;
    double.fault("GET", /blobs/, (_request, response) => end(response, 307, { location }));
    const { client } = clientFor(double, { credentials });
    await expect(read(client, large)).rejects.toMatchObject({ failure: "denied" });
    expect(elsewhere.count("GET", /token/)).toBe(0);
  });

  test("in a circle is given up", async () => {
    redirect(`/v2/${REPOSITORY}/blobs/${large.digest}`, Infinity);
    const { client } = clientFor(double, { credentials });
    await expect(read(client, large)).rejects.toMatchObject({
      failure: "refused",
      message: expect.stringContaining("redirects in a circle") as string,
    });
    expect(double.seen.length).toBeLessThan(10);
  });

  test.each(["file:///etc/passwd", "ftp://host/x", "http://", "http://u:p@127.0.0.1/"])(
    "to %s is refused",
    async (to) => {
      redirect(to);
      const { client } = clientFor(double, { credentials });
      await expect(read(client, large)).rejects.toMatchObject({ failure: "refused" });
    },
  );

  test("of a write is refused", async () => {
    double.fault("PUT", /uploads/, (_request, response) =>
      end(response, 307, { location: `http://${elsewhere.host}/` }),
    );
    const { client } = clientFor(double, { credentials });
    await expect(client.putBlob(REPOSITORY, large, large.open)).rejects.toMatchObject({
      failure: expect.stringMatching(/refused|unreachable/) as string,
    });
    expect(elsewhere.seen).toEqual([]);
  });
});

describe("an upload", () => {
  test("is read from its source no faster than the registry takes it", async () => {
    const chunk = Buffer.alloc(1 << 20);
    const count = 64;
    let produced = 0;
    let atFirstByte = 0;
    const blob = blobOf(Buffer.alloc(count << 20));
    const source = async function* () {
      for (; produced < count; produced += 1) yield await Promise.resolve(chunk);
    };
    // The registry takes nothing until the source has stood still for many turns of the event loop.
    double.fault("PUT", /uploads/, async (_request, _response, normal) => {
      for (let still = 0, last = -1; still < 50; still = last === produced ? still + 1 : 0) {
        last = produced;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      atFirstByte = produced;
      await normal();
    });
    await clientFor(double).client.putBlob(REPOSITORY, blob, source);
    expect(atFirstByte).toBeLessThan(count / 2);
    expect(produced).toBe(count);
  });

  test.each([
    ["PUT", 2 ** 25],
    ["PATCH", 2 ** 40],
  ])("that is refused before it was sent by %s ends its source", async (method, size) => {
    let ended = false;
    const source = async function* () {
      try {
        for (;;) yield await Promise.resolve(Buffer.alloc(1 << 20));
      } finally {
        ended = true;
      }
    };
    double.fault(method, /uploads/, (_request, response) =>
      end(response, 403, { "content-length": "0" }),
    );
    const { client } = clientFor(double);
    await expect(client.putBlob(REPOSITORY, { ...large, size }, source)).rejects.toMatchObject({
      failure: "denied",
    });
    await vi.waitFor(() => expect(ended).toBe(true));
  });

  test("fails with what broke its source, and is not tried again", async () => {
    const { client, waits } = clientFor(double);
    const broken = async function* () {
      yield await Promise.resolve(Buffer.from("lay"));
      throw new Error("source broke");
    };
    await expect(client.putBlob(REPOSITORY, large, broken)).rejects.toThrow("source broke");
    expect(waits).toEqual([]);
    expect(double.blobs.size).toBe(0);
  });

  test("R4 of bytes that are not the blob's fails before the registry has them all", async () => {
    const { client } = clientFor(double);
    const wrong = blobOf(Buffer.alloc(300_000, "wrong"));
    await expect(client.putBlob(REPOSITORY, large, wrong.open)).rejects.toMatchObject({
      failure: "corrupt",
    });
    expect(double.blobs.size).toBe(0);
  });

  test("goes nowhere unencrypted where the registry is encrypted", async () => {
    const transport = new HttpTransport({
      origin: () => "https://registry.example",
      patience: 50,
      clock: new SimulatedClock(new Date(0)),
    });
    const url = `http://${double.host}/v2/a/blobs/uploads/1`;
    await expect(
      transport.send({ method: "PUT", url, what: "upload", scope: "" }),
    ).rejects.toMatchObject({
      failure: "refused",
      message: "upload: the registry leads away from encryption",
    });
    expect(double.seen).toEqual([]);
  });
});

describe("a list of tags", () => {
  async function tagsOf(client: HttpRegistry): Promise<string[]> {
    const tags: string[] = [];
    for await (const tag of client.listTags(REPOSITORY)) tags.push(tag);
    return tags;
  }

  function page(tags: unknown, link?: string): void {
    double.fault("GET", /tags/, (_request, response) =>
      end(response, 200, link === undefined ? {} : { link }, JSON.stringify({ tags })),
    );
  }

  test("is read page by page, only as far as it is asked for", async () => {
    double.manifests.set(`${REPOSITORY}@x`, { mediaType: "x", bytes: Buffer.alloc(0) });
    const all = Array.from({ length: 2_500 }, (_, index) => `t${String(index).padStart(5, "0")}`);
    for (const tag of all) double.tags.set(`${REPOSITORY}:${tag}`, "x");
    const { client } = clientFor(double);
    const [first] = await firstOf(client.listTags(REPOSITORY), 1);
    expect([first, double.count("GET", /tags/)]).toEqual([all[0], 1]);
    expect(await tagsOf(client)).toEqual(all);
    expect(double.count("GET", /tags/)).toBe(4);
  });

  test("of none is empty, also if the registry says null", async () => {
    const { client } = clientFor(double);
    expect(await tagsOf(client)).toEqual([]);
    page(null);
    expect(await tagsOf(client)).toEqual([]);
  });

  test.each([[["../x"]], [[1]], ["latest"], [{}]])("%j fails: it is none", async (tags) => {
    page(tags);
    await expect(tagsOf(clientFor(double).client)).rejects.toMatchObject({ failure: "refused" });
  });

  test("whose pages go in a circle fails", async () => {
    const link = `</v2/${REPOSITORY}/tags/list?n=1000&last=a>; rel="next"`;
    double.fault(
      "GET",
      /tags/,
      (_request, response) => end(response, 200, { link }, '{"tags":["a"]}'),
      Infinity,
    );
    await expect(tagsOf(clientFor(double).client)).rejects.toMatchObject({
      failure: "refused",
      message: `tags of ${REPOSITORY}: too many pages`,
    });
  });

  test("goes on after a page that was tried again", async () => {
    page(["a"], `</v2/${REPOSITORY}/tags/list?n=1000&last=a>; rel="next"`);
    double.fault("GET", /tags/, (_request, response) => end(response, 503));
    page(["b"]);
    expect(await tagsOf(clientFor(double).client)).toEqual(["a", "b"]);
  });
});

async function firstOf<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const first: T[] = [];
  for await (const item of items) if (first.push(item) === count) break;
  return first;
}

test("a registry that allows no deletes is told how to allow them, and nothing is changed", async () => {
  const { client } = clientFor(double);
  await seedImages(client, "api");
  double.allowsDeletes = false;
  const digest = (await client.headManifest(REPOSITORY, "7.2.0"))!;
  await expect(client.deleteManifest(REPOSITORY, digest)).rejects.toMatchObject({
    failure: "refused",
    message: expect.stringMatching(/REGISTRY_STORAGE_DELETE_ENABLED=true$/) as string,
  });
  expect(await client.headManifest(REPOSITORY, "7.2.0")).toBe(digest);
});

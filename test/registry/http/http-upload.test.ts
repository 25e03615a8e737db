import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../../lib/support/digest";
import { end, RegistryDouble } from "../../doubles/registry-double";
import { blobOf, clientFor } from "../helpers";

const REPOSITORY = "atom/api";
/** Blobs above this size are sent in parts of it. */
const PART_BYTES = 512 * 1024;
/** One chunk of the source of a large blob. */
const CHUNK = PART_BYTES / 64;

let double: RegistryDouble;

beforeEach(async () => {
  double = await new RegistryDouble().start();
});
afterEach(() => double.close());

/** A blob that is sent in three parts, whose source says where it was opened and never holds it whole. */
function inParts() {
  const bytes = Buffer.alloc(140 * CHUNK);
  for (let at = 0; at < bytes.length; at += CHUNK) bytes.writeUInt32BE(at, at);
  const opened: number[] = [];
  const open = async function* () {
    opened.push(opened.length);
    for (let at = 0; at < bytes.length; at += CHUNK) {
      yield await Promise.resolve(bytes.subarray(at, at + CHUNK));
    }
  };
  return { digest: sha256(bytes), size: bytes.length, bytes, open, opened };
}

/** Whether the registry has exactly the blob; comparing so many bytes by toEqual takes seconds. */
function has({ digest, bytes }: { digest: string; bytes: Buffer }): boolean {
  return double.blobs.get(`${REPOSITORY}@${digest}`)?.equals(bytes) ?? false;
}

function requests(): string[] {
  return double.seen
    .filter(({ path }) => path.includes("uploads"))
    .map(({ method, contentRange }) => [method, contentRange].filter(Boolean).join(" "));
}

describe("a small blob", () => {
  const blob = blobOf("layer");

  test("is sent in one request", async () => {
    const { client } = clientFor(double);
    await client.putBlob(REPOSITORY, blob, blob.open);
    expect(requests()).toEqual(["POST", "PUT"]);
    expect(has(blob)).toBe(true);
  });

  test("of no bytes is sent as well", async () => {
    const empty = blobOf("");
    await clientFor(double).client.putBlob(REPOSITORY, empty, empty.open);
    expect(has(empty)).toBe(true);
  });

  test("is mounted without being opened", async () => {
    double.blobs.set(`atom/other@${blob.digest}`, blob.bytes);
    const { client } = clientFor(double);
    const open = () => {
      throw new Error("opened");
    };
    await client.putBlob(REPOSITORY, blob, open, { mountFrom: "atom/other" });
    expect(requests()).toEqual(["POST"]);
    expect(has(blob)).toBe(true);
  });

  test("is sent into the upload that a mount begins instead", async () => {
    const { client } = clientFor(double);
    await client.putBlob(REPOSITORY, blob, blob.open, { mountFrom: "atom/other" });
    expect(requests()).toEqual(["POST", "PUT"]);
    expect(has(blob)).toBe(true);
  });

  test("is not mounted from its own repository", async () => {
    await clientFor(double).client.putBlob(REPOSITORY, blob, blob.open, { mountFrom: REPOSITORY });
    expect(double.seen[0]?.path).toBe(`/v2/${REPOSITORY}/blobs/uploads/`);
  });

  test.each([400, 403, 404, 405])("is sent where a mount is answered with %i", async (status) => {
    double.fault("POST", /mount=/, (_request, response) => end(response, status), Infinity);
    const { client, waits } = clientFor(double);
    await client.putBlob(REPOSITORY, blob, blob.open, { mountFrom: "atom/other" });
    expect(requests()).toEqual(["POST", "POST", "PUT"]);
    expect(waits).toEqual([]);
    expect(has(blob)).toBe(true);
  });

  test("asks for a token for both repositories to mount, and for its own where that is denied", async () => {
    double.auth = "bearer";
    double.fault("GET", /token.*other/, (_request, response) => end(response, 403), Infinity);
    const { client } = clientFor(double);
    await client.putBlob(REPOSITORY, blob, blob.open, { mountFrom: "atom/other" });
    const scopes = double.seen
      .filter(({ path }) => path.startsWith("/token"))
      .map(({ path }) => new URL(path, "http://double").searchParams.getAll("scope"));
    expect(scopes).toEqual([
      ["repository:atom/api:pull,push", "repository:atom/other:pull"],
      ["repository:atom/api:pull,push"],
    ]);
    expect(has(blob)).toBe(true);
  });

  test("R4 fails if the registry says that it has another", async () => {
    double.fault("PUT", /uploads/, (_request, response) =>
      end(response, 201, { "docker-content-digest": sha256("other") }),
    );
    const { client } = clientFor(double);
    await expect(client.putBlob(REPOSITORY, blob, blob.open)).rejects.toMatchObject({
      failure: "corrupt",
    });
  });

  test("is begun anew where the registry has lost the upload", async () => {
    double.fault("PUT", /uploads/, (_request, response) => end(response, 404));
    const { client } = clientFor(double);
    await client.putBlob(REPOSITORY, blob, blob.open);
    expect(requests()).toEqual(["POST", "PUT", "GET", "POST", "PUT"]);
    expect(has(blob)).toBe(true);
  });
});

describe("a large blob", () => {
  test("is sent in parts, and its source is read once", async () => {
    const blob = inParts();
    await clientFor(double, { partBytes: PART_BYTES }).client.putBlob(REPOSITORY, blob, blob.open);
    expect(requests()).toEqual([
      "POST",
      `PATCH 0-${PART_BYTES - 1}`,
      `PATCH ${PART_BYTES}-${2 * PART_BYTES - 1}`,
      `PATCH ${2 * PART_BYTES}-${140 * CHUNK - 1}`,
      "PUT",
    ]);
    expect(blob.opened).toHaveLength(1);
    expect(has(blob)).toBe(true);
  });

  test("is sent in the parts that the registry asks for at least", async () => {
    const blob = inParts();
    double.leastPart = 100 * CHUNK;
    await clientFor(double, { partBytes: PART_BYTES }).client.putBlob(REPOSITORY, blob, blob.open);
    expect(requests()).toEqual([
      "POST",
      `PATCH 0-${100 * CHUNK - 1}`,
      `PATCH ${100 * CHUNK}-${140 * CHUNK - 1}`,
      "PUT",
    ]);
    expect(has(blob)).toBe(true);
  });

  test("R3 goes on where the registry stands after the connection broke", async () => {
    const blob = inParts();
    let stood = 0;
    // The second part breaks off after 10 MiB, which the registry keeps.
    double.fault(
      "PATCH",
      new RegExp(`state=${PART_BYTES}$`),
      async (request, _response, normal) => {
        let passed = 0;
        request.on("data", (chunk: Buffer) => {
          passed += chunk.length;
          if (passed > 10 * CHUNK) request.socket.destroy();
        });
        await normal().catch(() => undefined);
        stood = double.uploads.get("1")?.length ?? 0;
      },
    );
    await clientFor(double, { partBytes: PART_BYTES }).client.putBlob(REPOSITORY, blob, blob.open);
    expect(stood).toBeGreaterThan(PART_BYTES);
    expect(requests().slice(0, 4)).toEqual([
      "POST",
      `PATCH 0-${PART_BYTES - 1}`,
      `PATCH ${PART_BYTES}-${2 * PART_BYTES - 1}`,
      "GET",
    ]);
    expect(requests()[4]).toMatch(new RegExp(`^PATCH ${stood}-`));
    expect(blob.opened).toHaveLength(2);
    expect(has(blob)).toBe(true);
  });

  test("R1 goes on after an answer of 503 to one part", async () => {
    const blob = inParts();
    double.fault("PATCH", new RegExp(`state=${2 * PART_BYTES}$`), (_request, response) =>
      end(response, 503),
    );
    await clientFor(double, { partBytes: PART_BYTES }).client.putBlob(REPOSITORY, blob, blob.open);
    expect(requests().slice(4)).toEqual([
      "GET",
      `PATCH ${2 * PART_BYTES}-${140 * CHUNK - 1}`,
      "PUT",
    ]);
    expect(has(blob)).toBe(true);
  });

  test("R3 is begun anew where the registry has forgotten the upload", async () => {
    const blob = inParts();
    double.fault("PATCH", new RegExp(`state=${PART_BYTES}$`), (_request, response) => {
      double.uploads.clear();
      end(response, 503);
    });
    await clientFor(double, { partBytes: PART_BYTES }).client.putBlob(REPOSITORY, blob, blob.open);
    expect(requests().slice(2, 6)).toEqual([
      `PATCH ${PART_BYTES}-${2 * PART_BYTES - 1}`,
      "GET",
      "POST",
      `PATCH 0-${PART_BYTES - 1}`,
    ]);
    expect(has(blob)).toBe(true);
  });

  test("is sent whole where the registry takes no parts", async () => {
    const blob = inParts();
    double.fault("PATCH", /uploads/, (_request, response) => end(response, 405), Infinity);
    const { client, waits } = clientFor(double, { partBytes: PART_BYTES });
    await client.putBlob(REPOSITORY, blob, blob.open);
    expect(requests()).toEqual(["POST", `PATCH 0-${PART_BYTES - 1}`, "POST", "PUT"]);
    expect(waits).toEqual([]);
    expect(has(blob)).toBe(true);
  });

  test("R4 fails if its source is another blob, and the registry has none", async () => {
    const blob = inParts();
    blob.bytes.write("changed", 139 * CHUNK);
    const { client } = clientFor(double, { partBytes: PART_BYTES });
    await expect(client.putBlob(REPOSITORY, blob, blob.open)).rejects.toMatchObject({
      failure: "corrupt",
    });
    expect(double.blobs.size).toBe(0);
  });
});

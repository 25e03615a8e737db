import fc from "fast-check";
import { expect, test } from "vitest";
import { BlobReader } from "../../../lib/registry/http/blob-reader";
import { collect } from "../../../lib/registry/verified-stream";

/** A source of the given chunks, and how often it was opened and given back. */
function source(chunks: readonly Uint8Array[]) {
  const seen = { opened: 0, ended: 0 };
  const reader = new BlobReader(async function* () {
    seen.opened += 1;
    try {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    } finally {
      seen.ended += 1;
    }
  });
  return { reader, seen };
}

const whole = (chunks: readonly Uint8Array[]) => Buffer.concat(chunks);
const read = (reader: BlobReader, from: number, to: number) =>
  collect(reader.read(from, to), 1 << 20, "part");

test("any parts, in any order, are those of the source", async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 });
  const parts = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(chunks, parts, async (bytes, wanted) => {
      const { reader } = source(bytes);
      for (const [from, to] of wanted) {
        expect(await read(reader, from, to)).toEqual(whole(bytes).subarray(from, to));
      }
    }),
  );
});

test("parts that follow each other are one pass over the source", async () => {
  const { reader, seen } = source([Buffer.from("abc"), Buffer.from("def"), Buffer.from("gh")]);
  expect(String(await read(reader, 0, 2))).toBe("ab");
  expect(String(await read(reader, 2, 7))).toBe("cdefg");
  expect(String(await read(reader, 7, 8))).toBe("h");
  expect(seen).toEqual({ opened: 1, ended: 0 });
  reader.close();
  await new Promise(setImmediate);
  expect(seen).toEqual({ opened: 1, ended: 1 });
});

test("a part that nobody reads on does not disturb the one that is read in its stead", async () => {
  const chunks = ["abc", "def", "ghi"].map((text) => Buffer.from(text));
  for (let consumed = 0; consumed < 3; consumed += 1) {
    const { reader } = source(chunks);
    const left = reader.read(0, 9);
    for (let count = 0; count < consumed; count += 1) await left.next();
    // It is in the middle of a read of the source while the other one begins.
    const pending = left.next();
    const other = read(reader, 0, 9);
    await pending;
    void left.return();
    expect(String(await other)).toBe("abcdefghi");
  }
});

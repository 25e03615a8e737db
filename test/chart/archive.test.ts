import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { packFiles } from "../../lib/chart/archive";
import { sha256 } from "../../lib/support/digest";

/** What another reader finds in an archive. */
async function contents(archive: Buffer): Promise<{ name: string; text: string }[]> {
  const files: { name: string; text: string }[] = [];
  const reader = extract();
  reader.end(gunzipSync(archive));
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.push({ name: entry.header.name, text: Buffer.concat(chunks).toString() });
  }
  return files;
}

test("gives back every file", async () => {
  const name = fc.stringMatching(/^[a-z]{1,20}(\/[a-z]{1,20}){0,3}$/);
  const file = fc.record({ name, text: fc.string({ unit: "binary", maxLength: 2000 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 4 }), async (files) => {
      const written = files.map((each) => ({ ...each, text: Buffer.from(each.text).toString() }));
      expect(await contents(packFiles(written))).toEqual(written);
    }),
    { numRuns: 15 },
  );
});

test("is the same bytes on every machine", () => {
  const files = [
    { name: "services/Chart.yaml", text: "name: services\n" },
    { name: "services/values.yaml", text: "a: 1\n".repeat(20_000) },
  ];
  expect(sha256(packFiles(files))).toBe(
    "sha256:25d7451cabba0f92683fa5ba33f5344b15708bdb30ea7e1bb78f8565ca1a0ea2",
  );
});

test("fails on a name that does not fit", () => {
  expect(() => packFiles([{ name: "x".repeat(101), text: "" }])).toThrow(
    new RangeError(`${"x".repeat(101)}: at most 100 bytes fit`),
  );
});

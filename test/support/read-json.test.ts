import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readJsonFile } from "../../lib/support/read-json";
import { tempFolder } from "../doubles/temp-folder";

const schema = z.strictObject({ version: z.literal(1) });
const kind = { subject: "example", mend: "delete it" };

function file(content: string): string {
  const path = join(tempFolder(), "a.json");
  writeFileSync(path, content);
  return path;
}

describe("readJsonFile", () => {
  test("reads what the schema knows", () => {
    expect(readJsonFile(file('{"version":1}'), schema, kind)).toEqual({ version: 1 });
  });

  test("gives nothing for a file that is not there", () => {
    expect(readJsonFile(join(tempFolder(), "none.json"), schema, kind)).toBeUndefined();
  });

  test.each([
    ["another version", '{"version":2}'],
    ["an unknown key", '{"version":1,"more":true}'],
    ["S3 a duplicated key", '{"version":2,"version":1}'],
    ["S3 a truncated file", '{"version":'],
    ["S3 an empty file", ""],
  ])("fails for %s, and says what to do", (_, content) => {
    expect(() => readJsonFile(file(content), schema, kind)).toThrow(
      /Invalid example:[^]*delete it/,
    );
  });

  test("fails without quoting the file", () => {
    expect(() => readJsonFile(file("canary-5f3a"), schema, kind)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("canary") as string }),
    );
  });
});

import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fleetJsonSchema } from "../../lib/fleet/json-schema";

const COMMITTED = path.resolve(__dirname, "../../schema/atom.schema.json");

interface Schema {
  readonly description?: string;
  readonly type?: unknown;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** Every schema in a schema, with the path of the field it is for. */
function* fields(schema: Schema, at: string): Generator<readonly [string, Schema]> {
  yield [at, schema];
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield* fields(field, `${at}.${name}`);
  }
  if (typeof schema.additionalProperties === "object") {
    yield* fields(schema.additionalProperties, `${at}.*`);
  }
  if (schema.items) yield* fields(schema.items, `${at}[]`);
  for (const option of schema.anyOf ?? []) yield* fields(option, at);
}

const all = [...fields(fleetJsonSchema(), "")];

describe("the fleet's JSON schema", () => {
  test("is the committed one; write it anew with the command 'atom schema' if this fails", () => {
    expect(fs.readFileSync(COMMITTED, "utf8")).toBe(
      `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`,
    );
  });

  test("says what it is", () => {
    const { $schema, $id, title, type } = fleetJsonSchema();
    expect({ $schema, $id, title, type }).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://atom.cloud/schemas/fleet/v1.json",
      title: "ATOM Cloud fleet",
      type: "object",
    });
  });

  test("allows no unknown field in any object", () => {
    const open = all.filter(
      ([, { type, additionalProperties }]) =>
        type === "object" && additionalProperties === undefined,
    );
    expect(open.map(([at]) => at)).toEqual([]);
  });

  test("describes every field that the fleet file adds to the chart's values", () => {
    const silent = all.filter(
      ([at, { description }]) =>
        description === undefined &&
        /\.[A-Za-z]+$/.test(at) &&
        !/\.(values|services)\.|\.source(\.|$)/.test(at),
    );
    expect(silent.map(([at]) => at)).toEqual([]);
  });

  test("has the pattern of every name, so that an editor checks it", () => {
    const names = all.filter(([at]) => at.endsWith(".name"));
    expect(names.map(([at, { pattern }]) => [at, pattern !== undefined])).toEqual([
      [".regions[].name", true],
      [".clusters[].name", true],
      [".clusters[].nodePool.name", true],
      [".images[].name", true],
      [".tenants[].name", true],
    ]);
    for (const at of [".regions[].values.services", ".tenants[].services"]) {
      expect(all.find(([field]) => field === at)![1].propertyNames!.pattern).toBeDefined();
    }
  });
});

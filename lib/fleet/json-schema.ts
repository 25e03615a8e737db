import { z } from "zod";
import { fleetSchema } from "./schema";

/** The identifier of the fleet file's JSON Schema; its version is the file's. */
export const FLEET_SCHEMA_ID = "https://atom.cloud/schemas/fleet/v1.json";

/** The JSON Schema (draft 2020-12) of a fleet file, for editors: `schema/atom.schema.json`. */
export function fleetJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(fleetSchema, {
    target: "draft-2020-12",
    io: "input",
  });
  return { $schema, $id: FLEET_SCHEMA_ID, title: "ATOM Cloud fleet", ...schema };
}

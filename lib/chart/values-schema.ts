import { z } from "zod";

import { strictObject } from "../support/strict-schema";
import { imagesSchema, placeSchema } from "./place";
import { serviceLayerSchema } from "./service-schema";
import { ingressLayerSchema, serviceName } from "./chart-values-schema";

/**
 * The values of the Helm chart: a place, images, and one layer over the chart's own values. Helm
 * checks them once they lie over the chart's, with its defaults filled in and without what a null
 * took out; so a service has to have an image and a port, and what is null is a name that the
 * chart's values do not have.
 */
export const helmValuesSchema = strictObject({
  ...placeSchema.shape,
  vault: placeSchema.shape.vault.nullable(),
  images: imagesSchema,
  ingress: ingressLayerSchema.optional(),
  services: z
    .record(
      serviceName,
      serviceLayerSchema
        .extend({
          image: serviceLayerSchema.shape.image.unwrap().unwrap(),
          port: serviceLayerSchema.shape.port.unwrap().unwrap(),
        })
        .describe("a service; null takes it out")
        .nullable(),
    )
    .describe("the services by name"),
  global: z
    .record(z.string(), z.unknown())
    .describe("what Helm shares with subcharts; the chart reads nothing of it")
    .optional(),
}).describe("values of the chart of ATOM Cloud's services");

/**
 * The JSON schema, draft 7, of the Helm chart's values: `values.schema.json`. It refuses what
 * {@link helmValuesSchema} refuses, save for what no schema can say: a variable of too many bytes,
 * and half a surrogate pair, which a YAML file cannot hold.
 */
export function chartValuesJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(helmValuesSchema, { target: "draft-7", io: "input" });
  return withoutNullChoices(schema) as Record<string, unknown>;
}

/** `{type: ["string", "null"]}` for `anyOf`, so that Helm names what is wrong and not both choices. */
function withoutNullChoices(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNullChoices);
  if (typeof schema !== "object" || schema === null) return schema;
  const { anyOf, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([word, meaning]) => [word, withoutNullChoices(meaning)]),
  );
  if (!Array.isArray(anyOf)) return rest;
  const [choice, nothing] = anyOf as { readonly type?: unknown }[];
  return anyOf.length === 2 && nothing?.type === "null"
    ? { ...choice, ...rest, type: [choice?.type, "null"] }
    : { ...rest, anyOf };
}

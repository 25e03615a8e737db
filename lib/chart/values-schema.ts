import { z } from "zod";

import { escapePattern } from "../support/escape-pattern";
import { strictObject } from "../support/strict-schema";
import type { StringRuleSchema } from "../support/string-rule";
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
  return inHelmsWords(schema) as Record<string, unknown>;
}

/** The same schema in the words of which Helm's validator makes the clearest messages. */
export function inHelmsWords(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(inHelmsWords);
  if (typeof schema !== "object" || schema === null) return schema;
  const translated = Object.fromEntries(
    Object.entries(schema).map(([word, meaning]) => [word, inHelmsWords(meaning)]),
  );
  return withPatternedKeys(withoutNullChoice(translated));
}

type Schema = Readonly<Record<string, unknown>>;

/** `{type: ["string", "null"]}` for `anyOf`, so that Helm names what is wrong and not both choices. */
function withoutNullChoice({ anyOf, ...rest }: Schema): Schema {
  if (!Array.isArray(anyOf)) return rest;
  const [choice, nothing] = anyOf as { readonly type?: unknown }[];
  return anyOf.length === 2 && nothing?.type === "null"
    ? { ...choice, ...rest, type: [choice?.type, "null"] }
    : { ...rest, anyOf };
}

/**
 * `patternProperties` for `propertyNames`, so that Helm names the key and where it stands: of
 * `propertyNames` its validator (Helm 4.3.1) names some other place, another one at each run.
 */
function withPatternedKeys(schema: Schema): Schema {
  const { propertyNames, additionalProperties, ...rest } = schema;
  if (propertyNames === undefined) return schema;
  const { pattern, maxLength, not } = propertyNames as StringRuleSchema;
  if (pattern === undefined) return { ...rest, additionalProperties };
  const refused = [
    ...(maxLength === undefined ? [] : [`^.{${maxLength + 1}}`]),
    ...(not === undefined ? [] : refusedPatterns(not)),
  ];
  return {
    ...rest,
    patternProperties: {
      [pattern]: additionalProperties,
      ...Object.fromEntries(refused.map((names) => [names, false])),
    },
    additionalProperties: false,
  };
}

/** What a rule's schema says that no text may be, as patterns: one of them, or one of some words. */
function refusedPatterns(not: object): string[] {
  const refusals = ("anyOf" in not ? not.anyOf : [not]) as readonly Refused[];
  return refusals.map((refused) =>
    "enum" in refused ? `^(${refused.enum.map(escapePattern).join("|")})$` : refused.pattern,
  );
}

type Refused = { readonly pattern: string } | { readonly enum: readonly string[] };

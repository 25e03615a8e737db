import { z } from "zod";
import { canonicalJson } from "../support/canonical-json";
import type { JsonValue } from "../support/canonical-json";
import { hexOf } from "../support/digest";
import type { Digest } from "../support/digest";
import { parseStrictJson } from "../support/strict-json";
import { verifyDsseBundle } from "./dsse-bundle";
import { readTrustedKeys } from "./trusted-keys";
import type { Verification } from "./signature";
import { short } from "./signed-image";

/** What has to be known of how an image was built. */
export interface ProvenanceExpectation {
  /** Who may have built it: public keys in PEM by `builder.id`. A key counts for its builder only. */
  readonly builders: Readonly<Record<string, readonly string[]>>;
  /** URI that says how `externalParameters` are to be read. */
  readonly buildType: string;
  /** All that somebody outside of the builder had a say in, each with the value it has to have. */
  readonly externalParameters: Readonly<Record<string, JsonValue>>;
}

/** What has to be known of how an image was built, with what its builder says of it. */
export interface DeclaredProvenance extends ProvenanceExpectation {
  /** A Sigstore bundle's JSON, as `cosign attest` attaches it. */
  readonly attestation: string;
}

/** The predicate type of SLSA provenance, version 1. */
const PREDICATE = "https://slsa.dev/provenance/v1";

/** Far above a provenance that names its materials; what is larger is not parsed. */
const LARGEST_PROVENANCE = 1024 * 1024;

// What is not named here may be there, but for external parameters, of which all are looked at.
const statementSchema = z.object({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })),
  predicateType: z.string(),
  predicate: z.unknown(),
});
const predicateSchema = z.object({
  buildDefinition: z.object({
    buildType: z.string(),
    // Not read by a schema of records: one leaves out what is called "__proto__".
    externalParameters: z.custom<Readonly<Record<string, unknown>>>(isObject),
  }),
  runDetails: z.object({ builder: z.object({ id: z.string() }) }),
});

/**
 * Checks that an image was built as it is expected to be: a key of one of the builders signed a
 * statement about exactly this digest, which names that very builder, the build's type, and no
 * external parameter that is not expected.
 * Source: https://slsa.dev/spec/v1.0/verifying-artifacts.
 *
 * @param attestation a Sigstore bundle's JSON, as `cosign attest` attaches it.
 * @throws UsageError if a builder's key cannot be read.
 */
export function verifyProvenance(
  attestation: string | Uint8Array,
  digest: Digest,
  expected: ProvenanceExpectation,
): Verification {
  const builders = Object.entries(expected.builders);
  const bundle = verifyDsseBundle(
    Buffer.from(attestation),
    builders.flatMap(([, keys]) => keys),
    LARGEST_PROVENANCE,
  );
  if (!bundle.verified) return bundle;
  const { payload, keyId } = bundle;
  const statement = parseAs(statementSchema, payload);
  if (statement === undefined) return fails("the payload is no in-toto statement");
  if (statement.predicateType !== PREDICATE) {
    return fails(
      `the statement is of the type ${short(statement.predicateType)}, not ${PREDICATE}`,
    );
  }
  if (!statement.subject.some((subject) => subject.digest["sha256"] === hexOf(digest))) {
    return fails(`the provenance is not about ${digest}`);
  }
  const predicate = predicateSchema.safeParse(statement.predicate);
  if (!predicate.success) return fails("the predicate is no SLSA provenance of version 1");
  const { buildDefinition, runDetails } = predicate.data;
  const fault =
    builderFault(runDetails.builder.id, keyId, expected) ??
    definitionFault(buildDefinition, expected);
  return fault === undefined ? { verified: true, keyId } : fails(fault);
}

function builderFault(
  id: string,
  keyId: Digest,
  { builders }: ProvenanceExpectation,
): string | undefined {
  const keys = Object.hasOwn(builders, id) ? builders[id]! : undefined;
  if (keys === undefined) return `the builder is ${short(id)}, which is not trusted`;
  const own = keys.flatMap(readTrustedKeys).some((key) => key.keyId === keyId);
  return own ? undefined : `the builder is ${short(id)}, and another one's key signed`;
}

function definitionFault(
  { buildType, externalParameters }: z.infer<typeof predicateSchema>["buildDefinition"],
  expected: ProvenanceExpectation,
): string | undefined {
  if (buildType !== expected.buildType) {
    return `the build is of the type ${short(buildType)}, not ${expected.buildType}`;
  }
  const found = new Map(Object.entries(externalParameters));
  const wanted = new Map(Object.entries(expected.externalParameters));
  // Names only: what was given to a build may be nobody else's business.
  for (const name of found.keys()) {
    if (!wanted.has(name)) return `the external parameter ${short(name)} is not expected`;
  }
  for (const [name, value] of wanted) {
    if (!found.has(name)) return `the external parameter ${short(name)} is missing`;
    if (canonicalJson(found.get(name)) !== canonicalJson(value)) {
      return `the external parameter ${short(name)} has another value than expected`;
    }
  }
  return undefined;
}

function parseAs<T>(schema: z.ZodType<T>, bytes: Buffer): T | undefined {
  const json = parseStrictJson(bytes.toString("utf8"));
  return schema.safeParse("value" in json ? json.value : undefined).data;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fails(reason: string): Verification {
  return { verified: false, reason };
}

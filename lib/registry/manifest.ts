import { z } from "zod";
import { isDigest, sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  isForeignLayer,
  OCI_INDEX,
  OCI_MANIFEST,
} from "./media-types";
import { RegistryError } from "./registry-error";

/** Registries have to take manifests of this size (OCI distribution-spec, "Pushing Manifests"). */
export const LARGEST_MANIFEST = 4 * 1024 * 1024;

const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});

/** A descriptor as OCI image-spec descriptor.md has it; the only digest algorithm is sha256. */
export const descriptorSchema = z.object({
  mediaType: z.string().min(1),
  digest: z.custom<Digest>(isDigest, "is no digest of sha256 in lower-case hexadecimal digits"),
  size: z.int().nonnegative(),
  urls: z.array(z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  artifactType: z.string().optional(),
  platform: platformSchema.optional(),
});

export type Descriptor = z.infer<typeof descriptorSchema>;

/** The descriptor of bytes that are in memory. */
export function descriptorOf(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

const common = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptorSchema.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
};

const imageManifestSchema = z.object({
  ...common,
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});
const indexSchema = z.object({ ...common, manifests: z.array(descriptorSchema) });

export type ImageManifest = z.infer<typeof imageManifestSchema> & { readonly kind: "image" };
export type ImageIndex = z.infer<typeof indexSchema> & { readonly kind: "index" };
export type Manifest = ImageManifest | ImageIndex;

/**
 * Reads a manifest or an index. A document that is both, that contradicts the media type it was
 * served with, or that has layers outside the registry is refused.
 *
 * @param where what is being read, for messages: `atom/api@sha256:…`.
 * @throws RegistryError `refused` with the first thing that is not understood.
 */
export function parseManifest(bytes: Uint8Array, mediaType: string, where: string): Manifest {
  if (bytes.length > LARGEST_MANIFEST) throw refused(where, `is above ${LARGEST_MANIFEST} bytes`);
  const value = parseObject(bytes, where);
  // One document read as two kinds is how CVE-2021-41190 worked.
  if ("manifests" in value && ("layers" in value || "config" in value)) {
    throw refused(where, "is a manifest and an index at once");
  }
  if ("mediaType" in value && value["mediaType"] !== mediaType) {
    throw refused(where, `says another media type than it was served with (${mediaType})`);
  }
  switch (mediaType) {
    case OCI_MANIFEST:
    case DOCKER_MANIFEST:
      return image(check(imageManifestSchema, value, where), where);
    case OCI_INDEX:
    case DOCKER_MANIFEST_LIST:
      return { kind: "index", ...check(indexSchema, value, where) };
    default:
      throw refused(where, `has the media type ${JSON.stringify(mediaType)}, which is not copied`);
  }
}

/**
 * The digest that a manifest is stored under.
 *
 * @param reference the tag or digest that it is to be found by.
 * @throws RegistryError `corrupt` for a digest that it does not have, `refused` if it is no manifest.
 */
export function storedDigest(
  repository: string,
  reference: string,
  mediaType: string,
  bytes: Uint8Array,
): Digest {
  const digest = sha256(bytes);
  if (isDigest(reference) && reference !== digest) {
    throw new RegistryError("corrupt", `${reference} has the content of ${digest}`);
  }
  parseManifest(bytes, mediaType, `${repository}@${digest}`);
  return digest;
}

/**
 * The media type of a manifest from its own bytes, for stores that keep none beside it.
 *
 * @throws RegistryError `refused` if it is no manifest.
 */
export function manifestMediaType(bytes: Uint8Array, where: string): string {
  const value = parseObject(bytes, where);
  if (typeof value["mediaType"] === "string") return value["mediaType"];
  if ("manifests" in value) return OCI_INDEX;
  if ("layers" in value) return OCI_MANIFEST;
  throw refused(where, "is no manifest");
}

function image(manifest: z.infer<typeof imageManifestSchema>, where: string): ImageManifest {
  const foreign = manifest.layers.find((layer) => isForeignLayer(layer.mediaType));
  if (foreign !== undefined) {
    throw refused(where, `has the foreign layer ${foreign.digest}, which lies in no registry`);
  }
  return { kind: "image", ...manifest };
}

function parseObject(bytes: Uint8Array, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refused(where, "is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refused(where, "is no JSON object");
  }
  return value as Record<string, unknown>;
}

function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join(".") ?? "";
  throw refused(where, `is no valid manifest: ${field}: ${issue?.message ?? "not understood"}`);
}

function refused(where: string, message: string): RegistryError {
  return new RegistryError("refused", `${where} ${message}`);
}

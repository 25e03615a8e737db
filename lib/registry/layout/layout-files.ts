import { z } from "zod";
import { hexOf } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { descriptorSchema } from "../manifest";

// The files of an OCI image layout, in a folder or in a tar. Source: OCI image-spec image-layout.md (1.1).

/** The file that says that something is a layout. */
export const LAYOUT_MARKER = "oci-layout";
/** The list of tagged manifests. */
export const LAYOUT_INDEX = "index.json";

/** Annotation that names an entry of the list. Source: OCI image-spec annotations.md. */
export const REF_NAME = "org.opencontainers.image.ref.name";

const VERSION = "1.0.0";
const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/;

export const layoutMarkerSchema = z.object({ imageLayoutVersion: z.literal(VERSION) });

export const layoutIndexSchema = z.object({
  schemaVersion: z.literal(2),
  manifests: z.array(descriptorSchema),
});

/** What the marker says. */
export function layoutMarker(): z.infer<typeof layoutMarkerSchema> {
  return { imageLayoutVersion: VERSION };
}

/** Where a blob lies. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** The blob that lies at a path; undefined for any other path. */
export function blobAt(path: string): Digest | undefined {
  const hash = BLOB.exec(path)?.[1];
  return hash === undefined ? undefined : `sha256:${hash}`;
}

import type { Digest } from "../../support/digest";

/** The files of an OCI image layout. Source: OCI image-spec image-layout.md (1.1). */
export const LAYOUT_MARKER = "oci-layout";
export const LAYOUT_INDEX = "index.json";

const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/;

/** What the file `oci-layout` says. */
export function layoutMarker(): { readonly imageLayoutVersion: "1.0.0" } {
  return { imageLayoutVersion: "1.0.0" };
}

/** Where a blob lies in a layout. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${digest.slice("sha256:".length)}`;
}

/** The blob that lies at a path; undefined for any other path. */
export function blobAt(path: string): Digest | undefined {
  const hash = BLOB.exec(path)?.[1];
  return hash === undefined ? undefined : `sha256:${hash}`;
}

import { canonicalJson } from "../support/canonical-json";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import type { SignatureRecord } from "./signature";
import type { SignedImage } from "./signed-image";

/** What a chart came to for one tenant, before anything of it was registered. */
export interface RenderRecord {
  /** The digest of each object, by what identifies it. */
  readonly objects: Readonly<Record<string, string>>;
  /** Signatures of {@link signedRender}; none where nobody signs renders. */
  readonly signatures: readonly SignatureRecord[];
}

/** Whose render it is, and where its signatures belong. */
export interface RenderPlace {
  /** Registry of the chart, with a path where it has one: `registry.example:5000`. */
  readonly target: string;
  readonly cluster: string;
  readonly tenant: string;
}

/**
 * What a signature of a render is about. It has the form of an image's, so that one file holds both;
 * nothing lies at that place. The place names cluster and tenant: a signature for another tenant's
 * render, or the same tenant's elsewhere, does not fit.
 */
export function signedRender(
  { target, cluster, tenant }: RenderPlace,
  objects: RenderRecord["objects"],
): SignedImage & { readonly digest: Digest } {
  return {
    repository: `${target}/atom/renders/${cluster}/${tenant}`,
    digest: sha256(canonicalJson(objects)),
  };
}

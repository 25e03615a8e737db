import { isDigest, sha256 } from "../../support/digest";
import type { HttpAnswer } from "./http-exchange";
import { LARGEST_MANIFEST, manifestMediaType } from "../manifest";
import { ACCEPTED_MANIFESTS } from "../media-types";
import type { StoredManifest } from "../registry-client";
import { RegistryError } from "../registry-error";
import { collect } from "../verified-stream";

/**
 * Reads the manifest in an answer.
 *
 * @param reference the tag or digest that was asked for.
 * @throws RegistryError `corrupt` if it is not of the digest that was asked for, or that the answer
 * promises; `refused` if it is no manifest.
 */
export async function readManifestAnswer(
  answer: HttpAnswer,
  reference: string,
  what: string,
): Promise<StoredManifest> {
  const bytes = await collect(answer.body(), LARGEST_MANIFEST, what);
  const digest = sha256(bytes);
  const promised = isDigest(reference)
    ? reference
    : (answer.header("docker-content-digest") ?? digest);
  if (promised !== digest) throw wrongDigest(what, digest);
  const served = answer.header("content-type")?.split(";")[0]?.trim();
  const known = served !== undefined && ACCEPTED_MANIFESTS.includes(served);
  return { mediaType: known ? served : manifestMediaType(bytes, what), digest, bytes };
}

export function wrongDigest(what: string, digest: string): RegistryError {
  return new RegistryError("corrupt", `${what}: it has the content of ${digest}`);
}

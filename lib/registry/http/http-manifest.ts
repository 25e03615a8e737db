import { isDigest, sha256 } from "../../support/digest";
import type { Digest } from "../../support/digest";
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
 * promises; `refused` if it promises one of another algorithm, or it is no manifest.
 */
export async function readManifestAnswer(
  answer: HttpAnswer,
  reference: string,
  what: string,
): Promise<StoredManifest> {
  const bytes = await collect(answer.body(), LARGEST_MANIFEST, what);
  const digest = sha256(bytes);
  const promised = isDigest(reference) ? reference : (promisedDigest(answer, what) ?? digest);
  if (promised !== digest) throw wrongDigest(what, digest);
  const served = answer.header("content-type")?.split(";")[0]?.trim();
  const known = served !== undefined && ACCEPTED_MANIFESTS.includes(served);
  return { mediaType: known ? served : manifestMediaType(bytes, what), digest, bytes };
}

/**
 * The digest that an answer gives its manifest; undefined if it gives none, as it may.
 *
 * @throws RegistryError `refused` if that is no sha256 digest.
 */
export function promisedDigest(answer: HttpAnswer, what: string): Digest | undefined {
  const digest = answer.header("docker-content-digest");
  if (digest === undefined || isDigest(digest)) return digest;
  throw new RegistryError("refused", `${what}: its digest is not sha256`);
}

export function wrongDigest(what: string, digest: string): RegistryError {
  return new RegistryError("corrupt", `${what}: it has the content of ${digest}`);
}

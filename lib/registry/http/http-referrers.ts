import type { Digest } from "../../support/digest";
import type { HttpRequest } from "./http-exchange";
import { pages } from "./http-pages";
import type { ReadExchange } from "./http-pages";
import { LARGEST_MANIFEST, parseManifest } from "../manifest";
import type { Descriptor } from "../manifest";
import { OCI_INDEX } from "../media-types";
import { RegistryError } from "../registry-error";

const LIMITS = { pages: 100, bytes: LARGEST_MANIFEST };

/** Statuses with which registries say that they have no referrers API, as go-containerregistry reads them. */
const NO_REFERRERS_API = new Set([400, 404, 405, 406]);

/**
 * Asks a registry's referrers API, page by page.
 *
 * @returns undefined if the registry has no such API.
 * @throws RegistryError if it has one and it fails.
 */
export async function askReferrersApi(
  exchange: ReadExchange,
  repository: string,
  digest: Digest,
): Promise<Descriptor[] | undefined> {
  const what = `referrers of ${repository}@${digest}`;
  const request: HttpRequest = {
    method: "GET",
    url: `/v2/${repository}/referrers/${digest}`,
    what,
    scope: `repository:${repository}:pull`,
    headers: { accept: OCI_INDEX },
  };
  const referrers: Descriptor[] = [];
  for await (const { status, bytes } of pages(exchange, request, LIMITS)) {
    if (NO_REFERRERS_API.has(status)) return undefined;
    if (status !== 200) {
      throw new RegistryError("refused", `${what}: the registry answered ${status}`);
    }
    const index = parseManifest(bytes, OCI_INDEX, what);
    if (index.kind === "index") referrers.push(...index.manifests);
  }
  return referrers;
}

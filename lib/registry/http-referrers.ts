import type { Digest } from "../support/digest";
import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { LARGEST_MANIFEST, parseManifest } from "./manifest";
import type { Descriptor } from "./manifest";
import { OCI_INDEX } from "./media-types";
import { RegistryError } from "./registry-error";
import { collect } from "./verified-stream";

const MOST_PAGES = 100;

/** Statuses with which registries say that they have no referrers API, as go-containerregistry reads them. */
const NO_REFERRERS_API = new Set([400, 404, 405, 406]);

/**
 * Asks a registry's referrers API, page by page.
 *
 * @returns undefined if the registry has no such API.
 * @throws RegistryError if it has one and it fails.
 */
export async function askReferrersApi(
  exchange: <T>(request: HttpRequest, read: (answer: HttpAnswer) => Promise<T>) => Promise<T>,
  repository: string,
  digest: Digest,
): Promise<Descriptor[] | undefined> {
  const what = `referrers of ${repository}@${digest}`;
  const scope = `repository:${repository}:pull`;
  const referrers: Descriptor[] = [];
  let url: string | undefined = `/v2/${repository}/referrers/${digest}`;
  for (let page = 0; url !== undefined; page += 1) {
    if (page >= MOST_PAGES) throw new RegistryError("refused", `${what}: too many pages`);
    const request: HttpRequest = {
      method: "GET",
      url,
      what,
      scope,
      headers: { accept: OCI_INDEX },
    };
    const { status, link, bytes } = await exchange(request, readWhole(what));
    if (NO_REFERRERS_API.has(status)) return undefined;
    if (status !== 200) {
      throw new RegistryError("refused", `${what}: the registry answered ${status}`);
    }
    const index = parseManifest(bytes, OCI_INDEX, what);
    if (index.kind === "index") referrers.push(...index.manifests);
    url = nextPage(link);
  }
  return referrers;
}

function readWhole(what: string) {
  return async (answer: HttpAnswer) => ({
    status: answer.status,
    link: answer.header("link"),
    bytes: await collect(answer.body(), LARGEST_MANIFEST, what),
  });
}

/** The address of the next page in a Link header (RFC 8288), `<…>; rel="next"`. */
function nextPage(link: string | undefined): string | undefined {
  return /^<([^>]+)>\s*;\s*rel="?next"?/i.exec(link ?? "")?.[1];
}

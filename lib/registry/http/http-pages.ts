import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { RegistryError } from "../registry-error";
import { collect } from "../verified-stream";

/** One page of a list. */
export interface Page {
  readonly status: number;
  readonly bytes: Buffer;
}

/** Sends a request and reads its answer, with retries around both. */
export type ReadExchange = <T>(
  request: HttpRequest,
  read: (answer: HttpAnswer) => Promise<T>,
) => Promise<T>;

/**
 * A list that comes in pages: each answer names the next one in its Link header (RFC 8288), as the OCI
 * distribution-spec has it for tags and referrers.
 *
 * @param limits of pages in all, and of one page in bytes.
 * @throws RegistryError `refused` beyond a limit; whatever the exchange throws.
 */
export async function* pages(
  exchange: ReadExchange,
  first: HttpRequest,
  limits: { readonly pages: number; readonly bytes: number },
): AsyncGenerator<Page, void, undefined> {
  const { what } = first;
  let url: string | undefined = first.url;
  for (let page = 0; url !== undefined; page += 1) {
    if (page >= limits.pages) throw new RegistryError("refused", `${what}: too many pages`);
    const { link, ...read }: Page & { link: string | undefined } = await exchange(
      { ...first, url },
      async (answer) => ({
        status: answer.status,
        link: answer.header("link"),
        bytes: await collect(answer.body(), limits.bytes, what),
      }),
    );
    yield read;
    url = nextPage(link);
  }
}

/** The address of the next page in a Link header, `<…>; rel="next"`. */
function nextPage(link: string | undefined): string | undefined {
  return /^<([^>]+)>\s*;\s*rel="?next"?/i.exec(link ?? "")?.[1];
}

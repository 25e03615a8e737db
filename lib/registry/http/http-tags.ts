import { z } from "zod";
import { parseJson } from "../../support/parse-json";
import type { HttpRequest } from "./http-exchange";
import { pages } from "./http-pages";
import type { ReadExchange } from "./http-pages";
import { isTag } from "../reference";
import { RegistryError } from "../registry-error";

const TAGS_A_PAGE = 1_000;
/** Some registries make smaller pages than they are asked for, and some make none. */
const LIMITS = { pages: 1_000, bytes: 16 * 1024 * 1024 };

/** A repository whose tags are all gone is listed with null (distribution, registry/handlers/tags.go). */
const tagsSchema = z.object({ tags: z.array(z.string()).nullish() });

/**
 * Lists a repository's tags, page by page. Source: OCI distribution-spec, "Listing Tags".
 *
 * @throws RegistryError `refused` if the list is none, or has no end.
 */
export async function* listTags(
  exchange: ReadExchange,
  repository: string,
): AsyncGenerator<string, void, undefined> {
  const what = `tags of ${repository}`;
  const request: HttpRequest = {
    method: "GET",
    url: `/v2/${repository}/tags/list?n=${TAGS_A_PAGE}`,
    what,
    scope: `repository:${repository}:pull`,
  };
  for await (const { status, bytes } of pages(exchange, request, LIMITS)) {
    if (status === 404) return;
    if (status !== 200) {
      throw new RegistryError("refused", `${what}: the registry answered ${status}`);
    }
    yield* readTags(bytes, what);
  }
}

function readTags(bytes: Buffer, what: string): readonly string[] {
  const result = tagsSchema.safeParse(parseJson(bytes));
  const tags = result.success ? (result.data.tags ?? []) : undefined;
  if (tags?.every(isTag) === true) return tags;
  throw new RegistryError("refused", `${what}: the answer is no list of tags`);
}

import type { RegistryClient } from "./registry-client";
import { RegistryError } from "./registry-error";

const MOST_TAGS = 100_000;

/**
 * Every tag of a repository.
 *
 * @throws RegistryError `refused` for more than 100,000.
 */
export async function allTags(client: RegistryClient, repository: string): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of client.listTags(repository)) {
    if (tags.push(tag) <= MOST_TAGS) continue;
    throw new RegistryError("refused", `${repository} has more than ${MOST_TAGS} tags`);
  }
  return tags;
}

import { isDigest } from "../support/digest";
import { isRepository, isTag } from "./reference";
import { RegistryError } from "./registry-error";

/** @throws RegistryError `refused` for a text that would lead somewhere else as part of a path. */
export function checkRepository(repository: string): void {
  if (isRepository(repository)) return;
  throw new RegistryError("refused", `${JSON.stringify(repository)} is no repository`);
}

/** @throws RegistryError `refused` for what names no manifest within a repository. */
export function checkReference(reference: string): void {
  if (isDigest(reference) || isTag(reference)) return;
  throw new RegistryError(
    "refused",
    `${JSON.stringify(reference)} is neither a tag nor a sha256 digest`,
  );
}

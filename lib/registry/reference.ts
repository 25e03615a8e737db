import { isDigest } from "../support/digest";
import type { Digest } from "../support/digest";
import { UsageError } from "../support/problem";
import { withoutSecrets } from "../support/secret-text";

/** Where an image lies: registry, repository, and a tag, a digest or both. */
export interface ImageReference {
  /** Host, with a port where one is written: `ghcr.io`, `registry.example:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Path within the registry, without tag or digest: `atom-cloud/api`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** The registry of a reference that names none. */
export const DEFAULT_REGISTRY = "docker.io";

const HOST_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])`;
const REGISTRY = new RegExp(`^${HOST}(?::([0-9]{1,5}))?$`);
const PATH_PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const BARE_HASH = /^[a-f0-9]{64}$/;

const LONGEST_REPOSITORY = 255;
/** A registry of 253 + 6, a repository, a tag and a digest: what is longer is not even looked at. */
const LONGEST_REFERENCE = 253 + 6 + 1 + LONGEST_REPOSITORY + 1 + 128 + 1 + 71;

/**
 * Reads an image reference by the grammar Docker and OCI tools share, with Docker's defaults:
 * `nginx` is `docker.io/library/nginx`, and the first part is a registry only if it has a dot, a
 * port or is `localhost`. No tag is made up; the only digest algorithm is sha256.
 * Source: distribution/reference, reference.go and normalize.go.
 *
 * @throws UsageError if the text is no reference.
 */
export function parseReference(text: string): ImageReference {
  const result = readReference(text);
  if (typeof result !== "string") return result;
  throw new UsageError("image reference", [
    { path: "", message: `${quoted(text)} ${result}`, mend: "write registry/repository:tag" },
  ]);
}

/** What is wrong with a reference, or undefined if nothing is. */
export function referenceFault(text: string): string | undefined {
  const result = readReference(text);
  return typeof result === "string" ? result : undefined;
}

/** The one way to write a reference; {@link parseReference} reads it back. */
export function formatReference(reference: ImageReference): string {
  const { registry, repository, tag, digest } = reference;
  const tagged = tag === undefined ? "" : `:${tag}`;
  const pinned = digest === undefined ? "" : `@${digest}`;
  return `${registry}/${repository}${tagged}${pinned}`;
}

/**
 * The repository of a reference with its registry, without tag and digest: `ghcr.io/atom-cloud/api`.
 *
 * @throws UsageError if the text is no reference.
 */
export function repositoryOf(text: string): string {
  const { registry, repository } = parseReference(text);
  return formatReference({ registry, repository });
}

/** Whether a text is a registry's host, with or without a port. */
export function isRegistry(text: string): boolean {
  const match = REGISTRY.exec(text);
  if (match === null || text.length > 253 + 6) return false;
  const port = match[1];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** Whether a text is a repository's path. */
export function isRepository(text: string): boolean {
  return text.length <= LONGEST_REPOSITORY && REPOSITORY.test(text);
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** A reference, or what is wrong with the text. */
function readReference(text: string): ImageReference | string {
  if (text.length > LONGEST_REFERENCE) {
    return `has ${text.length} characters; at most ${LONGEST_REFERENCE} are allowed`;
  }
  if (BARE_HASH.test(text)) return "is a bare hash; write repository@sha256:…";
  const { name, tag, digest } = splitSuffixes(text);
  if (digest !== undefined && !isDigest(digest)) {
    return "has a digest that is not sha256: and 64 lower-case hexadecimal digits";
  }
  if (tag !== undefined && !isTag(tag)) {
    return "has a tag that is not 1 to 128 letters, digits, '_', '.' or '-'";
  }
  const { registry, repository } = splitRegistry(name);
  if (!isRegistry(registry)) return "has a registry that is no host with an optional port";
  if (!isRepository(repository)) {
    return "has a repository that is not lower-case parts of letters and digits, parted by '/'";
  }
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function splitSuffixes(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf("@");
  const tagged = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? {} : { digest: text.slice(at + 1) };
  // A colon before the last slash belongs to the registry's port.
  const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
  if (colon === -1) return { name: tagged, ...digest };
  return { name: tagged.slice(0, colon), tag: tagged.slice(colon + 1), ...digest };
}

function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  if (!/[.:A-Z]/.test(first) && first !== "localhost") {
    return dockerHub(name);
  }
  const repository = name.slice(slash + 1);
  return first === DEFAULT_REGISTRY || first === "index.docker.io"
    ? dockerHub(repository)
    : { registry: first, repository };
}

function dockerHub(path: string): { registry: string; repository: string } {
  const repository = path.includes("/") ? path : `library/${path}`;
  return { registry: DEFAULT_REGISTRY, repository };
}

/** Foreign text for a message: secrets taken out, control characters escaped, and cut to a readable length. */
function quoted(text: string): string {
  const told = withoutSecrets(text);
  return JSON.stringify(told.length > 100 ? `${told.slice(0, 100)}…` : told);
}

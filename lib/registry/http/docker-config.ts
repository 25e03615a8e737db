import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../support/parse-json";
import { UsageError } from "../../support/problem";
import { Secret } from "../../support/secret";
import { askCredentialHelper } from "./credential-helper";
import type { Credentials } from "./http-auth";
import { DEFAULT_REGISTRY } from "../reference";

type Environment = Readonly<Record<string, string | undefined>>;

/** What Docker calls its Hub in its configuration (docker/cli, config/configfile). */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

const entrySchema = z.object({
  /** base64 of `user:password`. */
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});
type Entry = z.infer<typeof entrySchema>;

const configSchema = z.object({
  auths: z.record(z.string(), entrySchema).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});
type Config = z.infer<typeof configSchema>;

/**
 * The users that `docker login`, `podman login` and their like have left on this machine. The first file
 * that knows the registry counts: podman's `$REGISTRY_AUTH_FILE`, Docker's `$DOCKER_CONFIG/config.json` or
 * `~/.docker/config.json`, podman's `$XDG_RUNTIME_DIR/containers/auth.json`. In a file, a registry's own
 * helper comes before an entry, and an entry before the helper for all; of entries with a path, the longest
 * that fits counts (containers-auth.json(5)).
 */
export class DockerConfig {
  readonly #environment: Environment;
  #configs: readonly Config[] | undefined;
  readonly #asked = new Map<string, Promise<Credentials | undefined>>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * The user for a repository; undefined for anonymous.
   *
   * @param registry as references have it: `ghcr.io`, `docker.io`.
   * @throws UsageError if a file is no configuration; RegistryError `denied` if a helper fails.
   */
  async find(registry: string, repository: string): Promise<Credentials | undefined> {
    this.#configs ??= files(this.#environment).flatMap(readConfig);
    for (const config of this.#configs) {
      const found = await this.#findIn(config, registry, repository);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #findIn(
    config: Config,
    registry: string,
    repository: string,
  ): Promise<Credentials | undefined> {
    const keys = keysOf(registry, repository);
    const { auths = {}, credHelpers = {}, credsStore } = config;
    const helper = first(keys, credHelpers);
    if (helper !== undefined) return this.#ask(helper, registry);
    const entries = Object.entries(auths).map(([key, entry]) => [normalized(key), entry] as const);
    const entry = first(keys, Object.fromEntries(entries));
    const own = entry && credentialsOf(entry);
    if (own !== undefined) return own;
    // Docker leaves an empty entry for what its helper keeps; others leave none.
    return credsStore === undefined || credsStore === ""
      ? undefined
      : this.#ask(credsStore, registry);
  }

  /** A helper is asked once for each registry. */
  #ask(helper: string, registry: string): Promise<Credentials | undefined> {
    const server = registry === DEFAULT_REGISTRY ? DOCKER_HUB_KEY : registry;
    const key = `${helper} ${server}`;
    const asked = this.#asked.get(key) ?? askCredentialHelper(helper, server, this.#environment);
    this.#asked.set(key, asked);
    return asked;
  }
}

function files({
  REGISTRY_AUTH_FILE,
  DOCKER_CONFIG,
  XDG_RUNTIME_DIR,
  HOME,
}: Environment): string[] {
  const docker = DOCKER_CONFIG || join(HOME || homedir(), ".docker");
  return [
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    join(docker, "config.json"),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, "containers", "auth.json")] : []),
  ];
}

/** A file's content, or nothing if it is not there. */
function readConfig(path: string): Config[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw invalid(path, `cannot be read (${code})`);
  }
  const result = configSchema.safeParse(parseJson(text));
  if (result.success) return [result.data];
  // Neither what is wrong nor where may be told by the content: it is passwords.
  throw invalid(path, "is no configuration that `docker login` writes");
}

/** What may stand for a repository, the longest first: `host/team/app`, `host/team`, `host`. */
function keysOf(registry: string, repository: string): string[] {
  const host = normalized(registry);
  const parts = repository === "" ? [] : repository.split("/");
  return [
    ...parts.map((_, index) => [host, ...parts.slice(0, parts.length - index)].join("/")),
    host,
  ];
}

/** Docker's keys may be addresses: `https://host/v1/` is `host`. Docker Hub has several names. */
function normalized(key: string): string {
  const bare = key.replace(/^https?:\/\//, "").replace(/\/(v[12]\/?)?$/, "");
  return /^(index\.docker\.io|registry-1\.docker\.io)$/.test(bare) ? DEFAULT_REGISTRY : bare;
}

function first<T>(keys: readonly string[], entries: Readonly<Record<string, T>>): T | undefined {
  const key = keys.find((each) => Object.hasOwn(entries, each));
  return key === undefined ? undefined : entries[key];
}

function credentialsOf({
  auth,
  username,
  password,
  identitytoken,
}: Entry): Credentials | undefined {
  if (identitytoken) return { identityToken: Secret.of(identitytoken) };
  if (username && password !== undefined) return { username, password: Secret.of(password) };
  const pair = Buffer.from(auth ?? "", "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 1) return undefined;
  // docker login ends some passwords with NUL bytes, and reads them without.
  const secret = pair.slice(colon + 1).replace(/\0+$/, "");
  return { username: pair.slice(0, colon), password: Secret.of(secret) };
}

function invalid(path: string, message: string): UsageError {
  const mend = "mend or remove it, or name another folder with DOCKER_CONFIG";
  return new UsageError("registry credentials", [{ path, message, mend }]);
}

import { z } from "zod";
import type { Clock } from "../support/clock";
import { systemClock } from "../support/clock";
import type { Secret } from "../support/secret";
import { encodePath, kvPathProblem } from "./kv-path";
import type {
  KvStore,
  MetadataChange,
  SecretMetadata,
  SecretVersion,
  VersionMetadata,
} from "./kv-store";
import { openPayload, sealPayload } from "./payload";
import type { SecretData } from "./payload";
import { VaultRefused, VaultUnreachable } from "./vault-error";
import { errorsOf, VaultHttp } from "./vault-http";
import type { VaultAnswer, VaultConnection, VaultRequest } from "./vault-http";

/** A KV version 2 mount of a Vault or OpenBao server. */
export interface HttpKvStoreOptions extends VaultConnection {
  /** Where the mount is: `atom`. */
  readonly mount: string;
  /** Tells whether a version's expiry has passed. @default - this machine's clock */
  readonly clock?: Clock | undefined;
}

const versionSchema = z.object({
  created_time: z.string(),
  deletion_time: z.string(),
  destroyed: z.boolean(),
});
const metadataSchema = z.object({
  data: z.object({
    current_version: z.int().nonnegative(),
    max_versions: z.int().nonnegative(),
    cas_required: z.boolean(),
    // zod's records leave out a key __proto__ without a word.
    custom_metadata: z.unknown(),
    versions: z.record(z.string().regex(/^[1-9][0-9]*$/), versionSchema),
  }),
});
const readSchema = z.object({
  data: z.object({
    data: z.unknown(),
    metadata: versionSchema.extend({ version: z.int().positive() }),
  }),
});
const writtenSchema = z.object({ data: z.object({ version: z.int().positive() }) });
const listSchema = z.object({ data: z.object({ keys: z.array(z.string()) }) });
const healthSchema = z.object({ cluster_id: z.string().min(1) });

/**
 * A KV version 2 mount over Vault's HTTP API. The token is sent to the given address only.
 * Source: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
 */
export class HttpKvStore implements KvStore {
  readonly #http: VaultHttp;
  readonly #mount: string;
  readonly #namespace: string;
  readonly #clock: Clock;

  /** @throws UsageError if the address is none, or would send the token in the clear. */
  constructor(options: HttpKvStoreOptions) {
    this.#http = new VaultHttp(options);
    this.#mount = options.mount.replace(/^\/+|\/+$/g, "");
    this.#namespace = (options.namespace ?? "").replace(/^\/+|\/+$/g, "");
    this.#clock = options.clock ?? systemClock;
  }

  /** By the cluster's id: two addresses may lead to the same server. */
  async identify(): Promise<string> {
    const path = "sys/health";
    const request = {
      method: "GET",
      url: `${path}?standbyok=true`,
      path,
      repeatable: true,
    } as const;
    const { cluster_id } = this.#understand(healthSchema, await this.#http.send(request));
    return `cluster ${cluster_id} namespace ${this.#namespace} mount ${this.#mount}`;
  }

  async list(folder: string): Promise<readonly string[]> {
    const path = folder.replace(/\/+$/, "");
    const below = path === "" ? "" : `${this.#encode(path)}/`;
    const url = `${encodePath(this.#mount)}/metadata/${below}?list=true`;
    const answer = await this.#send({ method: "GET", url, path: folder, repeatable: true });
    if (answer === undefined) return [];
    return this.#understand(listSchema, answer).data.keys.sort();
  }

  async readMetadata(path: string): Promise<SecretMetadata | undefined> {
    const answer = await this.#call("GET", "metadata", path);
    if (answer === undefined) return undefined;
    const { data } = this.#understand(metadataSchema, answer);
    const versions = Object.entries(data.versions)
      .map(([number, version]) => [Number(number), this.#versionMetadata(version)] as const)
      .sort(([a], [b]) => a - b);
    return {
      currentVersion: data.current_version,
      maxVersions: data.max_versions,
      casRequired: data.cas_required,
      customMetadata: this.#customMetadata(data.custom_metadata),
      versions: new Map(versions),
    };
  }

  async readVersion(path: string, version?: number): Promise<SecretVersion | undefined> {
    const query = version === undefined ? "" : `?version=${version}`;
    const answer = await this.#call("GET", "data", path, query, undefined, true);
    // A 404 with a body that has data is a deleted or destroyed version; without, there is none.
    if (answer === undefined) return undefined;
    const { data, metadata } = this.#understand(readSchema, answer).data;
    if (answer.status === 404) {
      return { version: metadata.version, state: metadata.destroyed ? "destroyed" : "deleted" };
    }
    if (typeof data !== "object" || data === null) throw this.#misunderstood();
    return { version: metadata.version, state: "live", payload: sealPayload(data as SecretData) };
  }

  async write(path: string, payload: Secret, cas?: number): Promise<number> {
    const body = { data: openPayload(payload), options: cas === undefined ? {} : { cas } };
    const answer = await this.#call("POST", "data", path, "", body, cas !== undefined);
    if (answer === undefined) throw new VaultRefused(this.#http.server, path, "status 404");
    return this.#understand(writtenSchema, answer).data.version;
  }

  async deleteVersions(path: string, versions: readonly number[]): Promise<void> {
    await this.#call("POST", "delete", path, "", { versions });
  }

  async undeleteVersions(path: string, versions: readonly number[]): Promise<void> {
    await this.#call("POST", "undelete", path, "", { versions });
  }

  async destroyVersions(path: string, versions: readonly number[]): Promise<void> {
    await this.#call("POST", "destroy", path, "", { versions });
  }

  async writeMetadata(path: string, change: MetadataChange): Promise<void> {
    await this.#call("POST", "metadata", path, "", {
      max_versions: change.maxVersions,
      cas_required: change.casRequired,
      custom_metadata: change.customMetadata,
    });
  }

  async remove(path: string): Promise<void> {
    await this.#call("DELETE", "metadata", path);
  }

  #call(
    method: VaultRequest["method"],
    verb: "data" | "metadata" | "delete" | "undelete" | "destroy",
    path: string,
    query = "",
    body?: unknown,
    repeatable = true,
  ): Promise<VaultAnswer | undefined> {
    const url = `${encodePath(this.#mount)}/${verb}/${this.#encode(path)}${query}`;
    return this.#send({ method, url, path, body, repeatable });
  }

  /** @returns undefined where there is nothing: a 404 that has neither data nor anything to say. */
  async #send(request: VaultRequest): Promise<VaultAnswer | undefined> {
    const answer = await this.#http.send(request);
    if (answer.status !== 404) return answer;
    const { body } = answer;
    if (typeof body === "object" && body !== null && "data" in body) return answer;
    // "no handler for route": the mount itself is missing, which says nothing of its secrets.
    if (!isEmptyErrors(body)) throw new VaultRefused(this.#http.server, request.path, "status 404");
    return undefined;
  }

  #encode(path: string): string {
    const problem = kvPathProblem(path);
    if (problem !== undefined) {
      throw new VaultRefused(this.#http.server, JSON.stringify(path), problem);
    }
    return encodePath(path);
  }

  #versionMetadata(version: z.infer<typeof versionSchema>): VersionMetadata {
    const { created_time: createdAt, deletion_time: deletedAt, destroyed } = version;
    const deleted = deletedAt !== "" && Date.parse(deletedAt) <= this.#clock.now().getTime();
    return {
      state: destroyed ? "destroyed" : deleted ? "deleted" : "live",
      createdAt,
      ...(deletedAt === "" ? {} : { deletedAt }),
    };
  }

  #customMetadata(value: unknown): Readonly<Record<string, string>> {
    const entries = Object.entries(value ?? {}).map(([key, text]): [string, string] => {
      if (typeof text !== "string") throw this.#misunderstood();
      return [key, text];
    });
    return Object.fromEntries(entries);
  }

  #understand<T>(schema: z.ZodType<T>, { body }: VaultAnswer): T {
    const result = schema.safeParse(body);
    if (!result.success) throw this.#misunderstood();
    return result.data;
  }

  #misunderstood(): VaultUnreachable {
    return new VaultUnreachable(
      `${this.#http.server}: answered what no KV version 2 mount answers`,
    );
  }
}

function isEmptyErrors(body: unknown): boolean {
  return (
    typeof body === "object" && body !== null && "errors" in body && errorsOf(body).length === 0
  );
}

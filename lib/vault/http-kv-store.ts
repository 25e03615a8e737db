import { z } from "zod";
import type { Clock } from "../support/clock";
import { systemClock } from "../support/clock";
import type { Secret } from "../support/secret";
import { encodePath, kvPathProblem } from "./kv-path";
import type {
  End,
  KvStore,
  MetadataChange,
  SecretMetadata,
  SecretVersion,
  VersionMetadata,
} from "./kv-store";
import { readable } from "./opted-in";
import { openPayload, sealPayload } from "./payload";
import type { SecretData } from "./payload";
import { VaultForbidden, VaultRefused, VaultUnreachable } from "./vault-error";
import type { Hindrance } from "./vault-error";
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
const mountSchema = z.object({
  data: z.object({
    type: z.string(),
    options: z.object({ version: z.string().optional() }).nullable(),
  }),
});
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
  readonly #end: End | undefined;
  #forbiddance: Promise<Hindrance> | undefined;

  /** @throws UsageError if the address is none, or would send the token in the clear. */
  constructor(options: HttpKvStoreOptions) {
    this.#http = new VaultHttp(options);
    this.#mount = options.mount.replace(/^\/+|\/+$/g, "");
    this.#namespace = (options.namespace ?? "").replace(/^\/+|\/+$/g, "");
    this.#clock = options.clock ?? systemClock;
    this.#end = options.end;
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
    const health = healthSchema.safeParse((await this.#http.send(request)).body);
    if (!health.success) throw this.#http.noVault("sys/health names no cluster");
    const { cluster_id } = health.data;
    await this.#refuseOtherEngine();
    return `cluster ${cluster_id} namespace ${this.#namespace} mount ${this.#mount}`;
  }

  /**
   * A KV version 1 mount answers "not found" to all that version 2 asks for: every secret would look gone.
   * Whoever may do nothing on the mount is not told what it is, and learns of that later.
   */
  async #refuseOtherEngine(): Promise<void> {
    const path = `sys/internal/ui/mounts/${encodePath(this.#mount)}`;
    const answer = await readable(() =>
      this.#http.send({ method: "GET", url: path, path, repeatable: true }),
    );
    if ("notRead" in answer) return;
    const found = mountSchema.safeParse(answer.value.body);
    if (!found.success) return;
    const { type, options } = found.data.data;
    if (type === "kv" && options?.version === "2") return;
    const why = type === "kv" ? "it is KV version 1" : "it is no KV mount";
    const mend = "make another one with: vault secrets enable -path=<mount> -version=2 kv";
    throw new VaultRefused(this.#http.server, `mount ${this.#mount}`, why, mend);
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
    const answer = await this.#ask(request);
    if (answer.status !== 404) return answer;
    const { body } = answer;
    if (typeof body === "object" && body !== null && "data" in body) return answer;
    if (isEmptyErrors(body)) return undefined;
    // The mount itself is missing, which says nothing of its secrets.
    if (errorsOf(body).some((error) => error.startsWith("no handler for route"))) {
      const why = `there is no mount ${this.#mount}`;
      throw new VaultRefused(this.#http.server, request.path, why, this.#mountMend());
    }
    throw new VaultRefused(this.#http.server, request.path, "status 404");
  }

  async #ask(request: VaultRequest): Promise<VaultAnswer> {
    try {
      return await this.#http.send(request);
    } catch (error) {
      if (!(error instanceof VaultForbidden)) throw error;
      this.#forbiddance ??= this.#explainForbiddance();
      throw new VaultForbidden(this.#http.server, request.path, await this.#forbiddance);
    }
  }

  #mountMend(): string {
    const command = `vault secrets enable -path=${this.#mount} -version=2 kv`;
    if (this.#end === "primary") {
      return `make it with: ${command}, or correct vault.mount of the fleet file`;
    }
    return this.#end === "secondary"
      ? `deploy the platform's stack, which makes it, or make it with: ${command}`
      : `make it with: ${command}`;
  }

  /** Vault says "permission denied" of a token that is none and of one whose policies do not reach. */
  async #explainForbiddance(): Promise<Hindrance> {
    const path = "auth/token/lookup-self";
    try {
      await this.#http.send({ method: "GET", url: path, path, repeatable: true });
    } catch (error) {
      if (!(error instanceof VaultForbidden)) throw error;
      return {
        why: "the token is not valid, has ended, or may do nothing here",
        mend: `give another one in ${tokenVariable(this.#end)}`,
      };
    }
    return {
      why: `the token's policies do not allow it on mount ${this.#mount}`,
      mend: `let it do ${capabilities(this.#mount, this.#end)}`,
    };
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
      `${this.#http.server}: mount ${this.#mount} answered what no KV version 2 mount answers`,
    );
  }
}

function isEmptyErrors(body: unknown): boolean {
  return (
    typeof body === "object" && body !== null && "errors" in body && errorsOf(body).length === 0
  );
}

function tokenVariable(end: End | undefined): string {
  return end === undefined ? "its variable" : `VAULT_${end.toUpperCase()}_TOKEN`;
}

/** What a replication does on a mount, in the words of a policy: it reads the primary and writes the secondary. */
function capabilities(mount: string, end: End | undefined): string {
  return end === "primary"
    ? `"read" on ${mount}/data/tenants/* and "read", "list" on ${mount}/metadata/tenants/*`
    : `"create", "read", "update", "delete", "list" on ${mount}/+/tenants/*`;
}

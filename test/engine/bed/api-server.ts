import type { ClusterAccess } from "./control-plane";
import { HttpsClient } from "./https";
import type { Answer, HttpsRequest } from "./https";

/** One resource that an API server serves, in one version: `deployments`, `pods/exec`. */
export interface ApiResource {
  /** `v1`, `apps/v1` */
  readonly groupVersion: string;
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** A Kubernetes object as an API server gives it. */
export interface StoredObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A client of the bed's API server, for the administrator or for whoever has a token. */
export class ApiServer {
  readonly #client: HttpsClient;
  readonly #token: string | undefined;
  #resources: Promise<readonly ApiResource[]> | undefined;

  constructor({ server, caPem, admin }: ClusterAccess, token?: string) {
    const identity = token === undefined ? { cert: admin.certificate, key: admin.privateKey } : {};
    this.#client = new HttpsClient(server, { ca: caPem, ...identity });
    this.#token = token;
  }

  send(path: string, options: HttpsRequest = {}): Promise<Answer> {
    return this.#client.send(path, this.#signed(options));
  }

  /** @throws Error for a status other than 2xx. */
  json<Body>(path: string, options: HttpsRequest = {}): Promise<Body> {
    return this.#client.json(path, this.#signed(options));
  }

  /** Every resource that is served, subresources included, in each group's preferred version. Asked once. */
  resources(): Promise<readonly ApiResource[]> {
    this.#resources ??= this.#discover();
    return this.#resources;
  }

  async #discover(): Promise<ApiResource[]> {
    const { groups } = await this.json<GroupList>("/apis");
    const versions = ["v1", ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
    const lists = await Promise.all(
      versions.map((groupVersion) => this.json<ResourceList>(rootOf(groupVersion))),
    );
    return lists.flatMap(({ groupVersion, resources }) =>
      resources.map((resource) => ({ groupVersion, ...resource })),
    );
  }

  async list(resource: ApiResource, namespace?: string): Promise<readonly StoredObject[]> {
    const { items } = await this.json<{ items: StoredObject[] }>(pathOf(resource, { namespace }));
    return items;
  }

  /** A token of a service account, as a pod would have it. */
  async serviceAccountToken(namespace: string, name: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const { status } = await this.json<{ status: { token: string } }>(path, {
      method: "POST",
      body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
    });
    return status.token;
  }

  close(): void {
    this.#client.close();
  }

  #signed(options: HttpsRequest): HttpsRequest {
    if (this.#token === undefined) return options;
    return { ...options, headers: { ...options.headers, authorization: `Bearer ${this.#token}` } };
  }
}

/** Where a resource's objects are; `pods/exec` of a name is below that name. */
export function pathOf(
  { groupVersion, name: resource, namespaced }: ApiResource,
  { namespace, name }: { readonly namespace?: string | undefined; readonly name?: string } = {},
): string {
  const [plural = "", ...subresource] = resource.split("/");
  return [
    rootOf(groupVersion),
    ...(namespaced && namespace !== undefined ? ["namespaces", namespace] : []),
    plural,
    ...(name === undefined ? [] : [name, ...subresource]),
  ].join("/");
}

function rootOf(groupVersion: string): string {
  return groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
}

interface GroupList {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly Omit<ApiResource, "groupVersion">[];
}

import { ApiServer, pathOf } from "../bed/api-server";
import type { ApiResource } from "../bed/api-server";
import type { ClusterAccess } from "../bed/control-plane";

/** A service account of a tenant. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** What every authenticated user may do: ask about itself (Kubernetes' system:basic-user and system:discovery). */
const ABOUT_ITSELF = new Set([
  "selfsubjectaccessreviews",
  "selfsubjectrulesreviews",
  "selfsubjectreviews",
]);

/** A request that tries something, and the answer's status. */
export interface Attempt {
  readonly account: string;
  readonly request: string;
  readonly status: number;
}

/** Every service account of some namespaces. */
export async function accountsIn(
  api: ApiServer,
  namespaces: readonly string[],
): Promise<Account[]> {
  const lists = await Promise.all(
    namespaces.map(async (namespace) => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      const { items } = await api.json<{ items: { metadata: { name: string } }[] }>(path);
      return items.map(({ metadata: { name } }) => ({ namespace, name }));
    }),
  );
  return lists.flat();
}

/**
 * Tries, with an account's own token, every verb on every resource that the API server serves, in
 * each of the namespaces given and across the cluster. Writes are dry runs: one that were allowed
 * would change nothing.
 *
 * @returns every attempt that was not refused with 403.
 */
export async function attemptEverything(
  access: ClusterAccess,
  { namespace, name }: Account,
  targets: readonly string[],
): Promise<{ readonly tried: number; readonly allowed: readonly Attempt[] }> {
  const admin = new ApiServer(access);
  const resources = (await admin.resources()).filter(({ name: own }) => !ABOUT_ITSELF.has(own));
  const asAccount = new ApiServer(access, await admin.serviceAccountToken(namespace, name));
  const requests = resources.flatMap((resource) => requestsFor(resource, targets));
  const allowed: Attempt[] = [];
  await inParallel(requests, async ({ method, path }) => {
    const { status } = await asAccount.send(path, {
      method,
      ...(BODIES[method] !== undefined && BODIES[method]),
    });
    if (status === 403) return;
    allowed.push({ account: `${namespace}/${name}`, request: `${method} ${path}`, status });
  });
  admin.close();
  asAccount.close();
  return { tried: requests.length, allowed };
}

interface Request {
  readonly method: string;
  readonly path: string;
}

const BODIES: Readonly<Record<string, { body: unknown; headers?: Record<string, string> }>> = {
  POST: { body: {} },
  PUT: { body: {} },
  PATCH: { body: {}, headers: { "content-type": "application/merge-patch+json" } },
  DELETE: { body: { apiVersion: "v1", kind: "DeleteOptions", dryRun: ["All"] } },
};

/** list, watch, create, deletecollection; get, update, patch, delete, and each on a subresource. */
function requestsFor(resource: ApiResource, targets: readonly string[]): Request[] {
  const places = resource.namespaced ? [undefined, ...targets] : [undefined];
  return places.flatMap((namespace) => {
    const one = pathOf(resource, { namespace, name: "anything" });
    const onOne = ["GET", "PUT", "PATCH", "DELETE", "POST"].map((method) => ({
      method,
      path: method === "GET" ? one : `${one}?dryRun=All`,
    }));
    if (resource.name.includes("/"))
      return namespace === undefined && resource.namespaced ? [] : onOne;
    const all = pathOf(resource, { namespace });
    const onAll = [
      { method: "GET", path: all },
      { method: "GET", path: `${all}?watch=true&timeoutSeconds=1` },
      { method: "DELETE", path: `${all}?dryRun=All` },
      { method: "POST", path: `${all}?dryRun=All` },
    ];
    // A namespaced object has no address without its namespace; a list of all of them has.
    if (namespace === undefined && resource.namespaced) return onAll.slice(0, 2);
    return [...onAll, ...onOne.filter(({ method }) => method !== "POST")];
  });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

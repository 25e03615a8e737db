import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { RequestOptions } from "node:https";
import type { KubernetesObject } from "../kubernetes/object";
import { printable } from "../support/printable";
import { UsageError } from "../support/problem";
import { readKubeContext } from "../topology/kube-context";

/** What an API calls a kind. */
export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Objects of one answer. */
const PAGE = 500;
const SECONDS = 30;
const LARGEST_ANSWER = 256 * 1024 * 1024;

interface List {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly KubernetesObject[];
}
interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string }[];
}

/**
 * Every object of some namespaced kinds in one namespace, as a cluster has them. A kind that the cluster does not
 * know has none.
 *
 * @throws UsageError for an unknown context, and for a cluster that does not answer or does not allow
 * one of the lists: what cannot be seen is not missing.
 */
export async function readLiveObjects(
  context: string,
  namespace: string,
  kinds: readonly ObjectKind[],
): Promise<KubernetesObject[]> {
  const api = await connect(context);
  const objects: KubernetesObject[] = [];
  for (const { apiVersion, kind } of distinct(kinds)) {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { resources = [] } = ((await api(base)) ?? {}) as ResourceList;
    const resource = resources.find((known) => known.kind === kind && !known.name.includes("/"));
    if (resource === undefined) continue;
    const path = `${base}/namespaces/${encodeURIComponent(namespace)}/${resource.name}?limit=${PAGE}`;
    let next: string | undefined;
    do {
      const further = next === undefined ? "" : `&continue=${encodeURIComponent(next)}`;
      const { items = [], metadata } = ((await api(path + further)) ?? {}) as List;
      // Items of a list bear neither.
      objects.push(...items.map((item) => ({ ...item, apiVersion, kind })));
      next = metadata?.continue || undefined;
    } while (next !== undefined);
  }
  return objects;
}

function distinct(kinds: readonly ObjectKind[]): ObjectKind[] {
  return [...new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind])).values()];
}

/** Reads a path of the API; undefined if there is no such path. */
type Api = (path: string) => Promise<unknown>;

/**
 * The client's own calls give objects of its own classes, which leave out what it does not know and rename
 * fields such as `from`; so only its connection is used.
 */
async function connect(context: string): Promise<Api> {
  const { server } = await readKubeContext(context);
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromDefault();
  config.setCurrentContext(context);
  const options: RequestOptions = { headers: { Accept: "application/json" } };
  await told(context, () => config.applyToHTTPSOptions(options));
  return (path) => told(context, () => get(`${server}${path}`, options));
}

function get(url: string, options: RequestOptions): Promise<unknown> {
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, timeout: SECONDS * 1000 }, (response) => {
      const { statusCode = 0 } = response;
      const parts: Buffer[] = [];
      let size = 0;
      response.on("data", (part: Buffer) => {
        size += part.length;
        if (size > LARGEST_ANSWER) call.destroy(failure("a huge answer"));
        parts.push(part);
      });
      response.on("error", reject);
      response.on("end", () => {
        if (statusCode === 404) return resolve(undefined);
        if (statusCode !== 200) return reject(failure(String(statusCode)));
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString("utf8")));
        } catch {
          reject(failure("no JSON"));
        }
      });
    });
    call.on("timeout", () => call.destroy(failure("no answer")));
    call.on("error", reject);
    call.end();
  });
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Says what failed by its code: messages may repeat headers and bodies. */
async function told<T>(context: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { code = "no answer" } = error as { readonly code?: unknown };
    throw new UsageError("kube context", [
      {
        path: "context",
        message: `the cluster behind ${printable(context)} does not show its objects (${String(code)})`,
        mend: "name a context that may list the tenant's objects with --context",
      },
    ]);
  }
}

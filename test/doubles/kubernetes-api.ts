import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeApi } from "../../lib/topology/kube-api";

/** An object as a test writes it; uid and version are given to it. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** What a test may do to a request instead of answering it: a status, a body, or to cut the connection. */
export type Fault = { readonly status: number; readonly body?: string } | "cut";

interface Watcher {
  readonly path: string;
  readonly response: ServerResponse;
  readonly metadataOnly: boolean;
}

interface Kept {
  readonly path: string;
  readonly object: Record<string, unknown>;
}

/** Plurals of the kinds that tests use and that are not the kind with an "s". */
const IRREGULAR: Readonly<Record<string, string>> = {
  NetworkPolicy: "networkpolicies",
  Ingress: "ingresses",
};

/**
 * A DOUBLE of a Kubernetes API server, on 127.0.0.1: discovery, lists in pages of {@link pageSize}, and watches
 * with bookmarks. It proves nothing about the genuine server; its answers were written after 1.35's.
 */
export class KubernetesApiDouble {
  readonly requests: string[] = [];
  /** Asked for each request; undefined lets it through. */
  fault: (url: URL) => Fault | undefined = () => undefined;
  pageSize = 2;
  /** Kinds that are served, by apiVersion. */
  readonly served: Record<string, string[]> = { v1: ["Namespace"] };
  readonly #objects = new Map<string, Kept>();
  readonly #watchers = new Set<Watcher>();
  readonly #server = createServer((request, response) => this.#answer(request, response));
  #version = 100;

  static async start(served: Record<string, string[]>): Promise<KubernetesApiDouble> {
    const double = new KubernetesApiDouble();
    Object.assign(double.served, served);
    await new Promise<void>((resolve) => double.#server.listen(0, "127.0.0.1", resolve));
    return double;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A client of it, without a kubeconfig. */
  get api(): KubeApi {
    return new KubeApi("double", this.address, () => Promise.resolve());
  }

  /** How many watches are open on a path. */
  watchesOf(path: string): number {
    return [...this.#watchers].filter((watcher) => watcher.path === path).length;
  }

  /** Stores an object, or changes the one of its name, and tells whoever watches. */
  put(object: StoredObject): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    const metadata = {
      uid: `uid-${key}`,
      ...object.metadata,
      resourceVersion: String((this.#version += 1)),
    };
    const kept = { path: pathOf(object), object: { ...object, metadata } };
    this.#objects.set(key, kept);
    this.#tell(kept, before === undefined ? "ADDED" : "MODIFIED");
  }

  remove(object: StoredObject): void {
    const key = keyOf(object);
    const before = this.#objects.get(key)!;
    this.#objects.delete(key);
    const metadata = before.object["metadata"] as object;
    const resourceVersion = String((this.#version += 1));
    const gone = { ...before.object, metadata: { ...metadata, resourceVersion } };
    this.#tell({ ...before, object: gone }, "DELETED");
  }

  /** Changes or removes something that no watch tells of, as while a connection is lost. */
  quietly(change: () => void): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    change();
    for (const watcher of watchers) this.#watchers.add(watcher);
  }

  /** Writes a line to every watch of a path. */
  say(path: string, line: string): void {
    for (const watcher of this.#watchers) {
      if (watcher.path === path) watcher.response.write(`${line}\n`);
    }
  }

  /** Tells every watch of a path of a version that nothing of it has. */
  bookmark(path: string): string {
    const resourceVersion = String((this.#version += 1));
    this.say(path, JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion } } }));
    return resourceVersion;
  }

  /** Ends every watch of a path as the server does, or cuts its connection. */
  endWatches(path: string, how: "end" | "cut" = "end"): void {
    for (const { response, path: own } of this.#watchers) {
      if (own !== path) continue;
      if (how === "end") response.end();
      else response.destroy();
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, "http://localhost");
    const metadataOnly = request.headers.accept?.includes("as=PartialObjectMetadata") === true;
    this.requests.push(`${request.url}${metadataOnly ? " metadata" : ""}`);
    const fault = this.fault(url);
    if (fault === "cut") return void request.socket.destroy();
    if (fault !== undefined) {
      response.writeHead(fault.status).end(fault.body ?? '{"kind":"Status"}');
      return;
    }
    const answer = this.#discovery(url.pathname);
    if (answer !== undefined) return void response.end(JSON.stringify(answer));
    if (!this.#paths().includes(url.pathname)) {
      response.writeHead(404).end('{"kind":"Status","code":404}');
    } else if (url.searchParams.get("watch") === "1") {
      response.writeHead(200);
      response.flushHeaders();
      const watcher = { path: url.pathname, response, metadataOnly };
      this.#watchers.add(watcher);
      response.on("close", () => this.#watchers.delete(watcher));
    } else {
      response.end(JSON.stringify(this.#list(url, metadataOnly)));
    }
  }

  #discovery(path: string): unknown {
    const groups = Object.keys(this.served).filter((version) => version.includes("/"));
    if (path === "/apis") {
      return {
        groups: groups.map((groupVersion) => ({
          name: groupVersion.split("/")[0],
          versions: [{ groupVersion }],
          preferredVersion: { groupVersion },
        })),
      };
    }
    const version = Object.keys(this.served).find((known) => rootOf(known) === path);
    if (version === undefined) return undefined;
    const resources = this.served[version]!.flatMap((kind) => [
      { name: `${pluralOf(kind)}/status`, kind },
      { name: pluralOf(kind), kind },
    ]);
    return { resources };
  }

  #paths(): string[] {
    return Object.entries(this.served).flatMap(([version, kinds]) =>
      kinds.map((kind) => `${rootOf(version)}/${pluralOf(kind)}`),
    );
  }

  #list({ pathname, searchParams }: URL, metadataOnly: boolean): unknown {
    const found = [...this.#objects.values()].filter(({ path }) => path === pathname);
    const from = Number(searchParams.get("continue") ?? 0);
    const to = from + this.pageSize;
    const items = found.slice(from, to).map(({ object }) => partOf(object, metadataOnly));
    const metadata = {
      resourceVersion: String(this.#version),
      ...(to < found.length ? { continue: String(to) } : {}),
    };
    return { kind: "List", metadata, items };
  }

  #tell({ path, object }: Kept, type: string): void {
    for (const watcher of this.#watchers) {
      if (watcher.path !== path) continue;
      const event = { type, object: partOf(object, watcher.metadataOnly) };
      watcher.response.write(`${JSON.stringify(event)}\n`);
    }
  }
}

function partOf(object: Record<string, unknown>, metadataOnly: boolean): unknown {
  // Items of a list bear neither version nor kind.
  const rest = { ...object };
  delete rest["apiVersion"];
  delete rest["kind"];
  return metadataOnly ? { metadata: rest["metadata"] } : rest;
}

function keyOf({ kind, metadata }: StoredObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

function pathOf({ apiVersion, kind }: StoredObject): string {
  return `${rootOf(apiVersion)}/${pluralOf(kind)}`;
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function pluralOf(kind: string): string {
  return IRREGULAR[kind] ?? `${kind.toLowerCase()}s`;
}

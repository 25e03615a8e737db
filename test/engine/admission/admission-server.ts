import { Agent, request } from "node:https";
import { apiGroup } from "../../../lib/kubernetes/kinds";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { resourceOf } from "../../../lib/policy/admission/resource-of";
import type { ClusterAccess } from "../bed/control-plane";

/** What the API server says to an object in a dry run. */
export interface Verdict {
  readonly status: number;
  /** Why it refused; empty where it did not. */
  readonly reason: string;
  /** Texts of its warnings. */
  readonly warnings: readonly string[];
}

interface Answer extends Verdict {
  readonly body: string;
}

/** Asks an API server, as its administrator, what it would do. Nothing is stored but by {@link AdmissionServer.send}. */
export class AdmissionServer {
  readonly #agent: Agent;

  constructor(private readonly access: ClusterAccess) {
    const { caPem, admin } = access;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 16,
      ca: caPem,
      cert: admin.certificate,
      key: admin.privateKey,
    });
  }

  /** Creates an object, in a dry run. */
  tryToCreate(object: KubernetesObject): Promise<Verdict> {
    return this.send("POST", `${collectionOf(object)}?dryRun=All`, object);
  }

  /** Puts an object in the place of the one that is there, or of its subresource, in a dry run. */
  tryToReplace(object: KubernetesObject, subresource = ""): Promise<Verdict> {
    return this.send("PUT", `${placeOf(object)}${subresource}?dryRun=All`, object);
  }

  create(object: KubernetesObject): Promise<Verdict> {
    return this.send("POST", collectionOf(object), object);
  }

  /** Removes an object at once, whatever still hangs on it. */
  remove(object: KubernetesObject): Promise<Verdict> {
    const grace = object.kind === "Pod" ? "?gracePeriodSeconds=0" : "";
    return this.send("DELETE", `${placeOf(object)}${grace}`);
  }

  /** What is at a path; undefined if there is nothing. */
  async get<Body>(path: string): Promise<Body | undefined> {
    const { status, body } = await this.#request("GET", path);
    return status === 200 ? (JSON.parse(body) as Body) : undefined;
  }

  async send(method: string, path: string, body?: unknown): Promise<Verdict> {
    const { status, reason, warnings } = await this.#request(method, path, body);
    return { status, reason, warnings };
  }

  #request(method: string, path: string, body?: unknown): Promise<Answer> {
    const content = body === undefined ? "" : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, this.access.server),
        {
          method,
          agent: this.#agent,
          timeout: 30_000,
          headers: {
            "content-type":
              method === "PATCH" ? "application/merge-patch+json" : "application/json",
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const status = incoming.statusCode ?? 0;
            const text = Buffer.concat(chunks).toString("utf8");
            const warnings = warningsIn(incoming.rawHeaders);
            resolve({ status, reason: status < 300 ? "" : messageIn(text), warnings, body: text });
          });
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path} took over 30 s`)));
      outgoing.on("error", reject);
      outgoing.end(content);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Where objects of a kind are made: `/apis/apps/v1/namespaces/tenant-a/deployments`. */
export function collectionOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const root = apiGroup(apiVersion) === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const home = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${root}${home}/${resourceOf(kind)}`;
}

export function placeOf(object: KubernetesObject): string {
  return `${collectionOf(object)}/${object.metadata.name}`;
}

/** The message of a Status; a path that is not served is answered with plain text. */
function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { message: string }).message;
  } catch {
    return text;
  }
}

/** The texts of RFC 7234 warnings: `299 - "text"`. */
function warningsIn(rawHeaders: readonly string[]): string[] {
  return rawHeaders.flatMap((value, index) => {
    if (index % 2 === 0 || rawHeaders[index - 1]!.toLowerCase() !== "warning") return [];
    const text = /^\d+ \S+ "(.*)"$/s.exec(value)?.[1] ?? value;
    return [text.replace(/\\(.)/gs, "$1")];
  });
}

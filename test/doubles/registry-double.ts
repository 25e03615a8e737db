import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { collect } from "../../lib/registry/verified-stream";
import { sha256 } from "../../lib/support/digest";

/** Answers in the registry's place, or calls `normal` to let it answer. */
export type FaultAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  normal: () => Promise<void>,
) => void | Promise<void>;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

interface Stored {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

const USER = "mirror";

/**
 * A test double, not a registry: the part of the OCI distribution-spec that a client needs, in
 * memory, on a free port of 127.0.0.1, with faults on demand. It checks digests as a registry does.
 */
export class RegistryDouble {
  readonly seen: SeenRequest[] = [];
  /** Manifests by `repository@digest`, tags by `repository:tag`, blobs by `repository@digest`. */
  readonly manifests = new Map<string, Stored>();
  readonly tags = new Map<string, string>();
  readonly blobs = new Map<string, Buffer>();
  auth: "none" | "basic" | "bearer" = "none";
  password = "";
  referrersApi = false;
  #faults: { method: string; path: RegExp; times: number; answer: FaultAnswer }[] = [];
  #server: Server | undefined;

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      void this.#handle(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    return this;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  get host(): string {
    return `127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  /** The next `times` matching requests get this answer. */
  fault(method: string, path: RegExp, answer: FaultAnswer, times = 1): void {
    this.#faults.push({ method, path, times, answer });
  }

  count(method: string, path: RegExp): number {
    return this.seen.filter((r) => r.method === method && path.test(r.path)).length;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = request;
    const { authorization, range } = headers;
    this.seen.push({ method, path, authorization, range });
    const normal = () => this.#answer(request, response);
    const fault = this.#faults.find((f) => f.times > 0 && f.method === method && f.path.test(path));
    if (fault === undefined) return normal();
    fault.times -= 1;
    await fault.answer(request, response, normal);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", `http://${this.host}`);
    if (url.pathname === "/token") return this.#token(request, response);
    if (!this.#allowed(request)) return this.#challenge(response);
    const [, repository = "", kind = "", reference = ""] =
      /^\/v2\/(.+)\/(manifests|blobs|referrers)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "manifests") return this.#manifest(request, response, repository, reference);
    if (kind === "referrers") return this.#referrers(response, repository, reference);
    if (reference.startsWith("uploads/")) return this.#upload(request, response, repository, url);
    const blob = this.blobs.get(`${repository}@${reference}`);
    if (blob === undefined) return end(response, 404);
    return sendBlob(request, response, blob);
  }

  #allowed({ headers }: IncomingMessage): boolean {
    if (this.auth === "none") return true;
    const expected = this.auth === "basic" ? this.#basic() : "Bearer a-token";
    return headers.authorization === expected;
  }

  #basic(): string {
    return `Basic ${Buffer.from(`${USER}:${this.password}`).toString("base64")}`;
  }

  #challenge(response: ServerResponse): void {
    const bearer = `Bearer realm="http://${this.host}/token",service="double"`;
    end(response, 401, { "www-authenticate": this.auth === "basic" ? "Basic" : bearer });
  }

  #token(request: IncomingMessage, response: ServerResponse): void {
    const known = this.password === "" || request.headers.authorization === this.#basic();
    end(response, known ? 200 : 401, {}, known ? JSON.stringify({ token: "a-token" }) : "");
  }

  async #manifest(
    request: IncomingMessage,
    response: ServerResponse,
    repository: string,
    reference: string,
  ): Promise<void> {
    if (request.method === "PUT") {
      const bytes = await collect(request as AsyncIterable<Uint8Array>, 1 << 24, "manifest");
      const digest = sha256(bytes);
      const mediaType = request.headers["content-type"] ?? "";
      if (reference.startsWith("sha256:") && reference !== digest) return end(response, 400);
      this.manifests.set(`${repository}@${digest}`, { mediaType, bytes });
      if (!reference.startsWith("sha256:")) this.tags.set(`${repository}:${reference}`, digest);
      const hasSubject = bytes.includes('"subject"') && this.referrersApi;
      return end(response, 201, hasSubject ? { "oci-subject": digest } : {});
    }
    const digest = this.tags.get(`${repository}:${reference}`) ?? reference;
    const stored = this.manifests.get(`${repository}@${digest}`);
    if (stored === undefined) return end(response, 404);
    response.writeHead(200, {
      "content-type": stored.mediaType,
      "content-length": stored.bytes.length,
      "docker-content-digest": digest,
    });
    response.end(request.method === "HEAD" ? undefined : stored.bytes);
  }

  #referrers(response: ServerResponse, repository: string, digest: string): void {
    if (!this.referrersApi) return end(response, 404);
    const manifests = [...this.manifests]
      .filter(([key, { bytes }]) => {
        const value = JSON.parse(bytes.toString()) as { subject?: { digest: string } };
        return key.startsWith(`${repository}@`) && value.subject?.digest === digest;
      })
      .map(([, { mediaType, bytes }]) => ({
        mediaType,
        digest: sha256(bytes),
        size: bytes.length,
      }));
    end(response, 200, {}, JSON.stringify({ schemaVersion: 2, manifests }));
  }

  async #upload(
    request: IncomingMessage,
    response: ServerResponse,
    repository: string,
    url: URL,
  ): Promise<void> {
    if (request.method === "POST") {
      return end(response, 202, { location: `/v2/${repository}/blobs/uploads/1?state=a` });
    }
    const bytes = await collect(request as AsyncIterable<Uint8Array>, 1 << 28, "blob");
    const digest = url.searchParams.get("digest") ?? "";
    if (sha256(bytes) !== digest) return end(response, 400);
    this.blobs.set(`${repository}@${digest}`, bytes);
    end(response, 201);
  }
}

/** An answer without surprises. */
export function end(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body = "",
): void {
  response.writeHead(status, headers);
  response.end(body);
}

function sendBlob(request: IncomingMessage, response: ServerResponse, blob: Buffer): void {
  const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const part = blob.subarray(from);
  response.writeHead(from === 0 ? 200 : 206, {
    "content-length": part.length,
    ...(from === 0 ? {} : { "content-range": `bytes ${from}-${blob.length - 1}/${blob.length}` }),
  });
  response.end(request.method === "HEAD" ? undefined : part);
}

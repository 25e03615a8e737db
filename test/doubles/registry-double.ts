import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
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
  readonly contentRange: string | undefined;
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
  /** Uploads that were begun, by their number. */
  readonly uploads = new Map<string, Buffer>();
  auth: "none" | "basic" | "bearer" = "none";
  password = "";
  /** What the token server takes instead of a password, if anything. */
  identityToken = "";
  /** Of the tokens it gives, in seconds. */
  tokenLifetime = 300;
  /** Connections that were made to it. */
  connections = 0;
  /** Requests that brought no authorization, or a wrong one. */
  refused = 0;
  /** Tokens that it gave and that hold. */
  readonly tokens = new Set<string>();
  referrersApi = false;
  allowsDeletes = true;
  /** Bytes that a part of an upload has to have, all but the last. */
  leastPart = 0;
  #faults: { method: string; path: RegExp; times: number; answer: FaultAnswer }[] = [];
  #begun = 0;
  #given = 0;
  #server: Server | undefined;

  /** @param tls certificate and key in PEM. @default - without TLS */
  async start(tls?: { readonly cert: string; readonly key: string }): Promise<this> {
    const listener: RequestListener = (request, response) => {
      void this.#handle(request, response).catch(() => response.destroy());
    };
    const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    server.on("connection", () => (this.connections += 1));
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

  get port(): number {
    return (this.#server?.address() as AddressInfo).port;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The next `times` matching requests get this answer. */
  fault(method: string, path: RegExp, answer: FaultAnswer, times = 1): void {
    this.#faults.push({ method, path, times, answer });
  }

  /** Forgets everything that was stored and asked. */
  empty(): void {
    this.seen.length = 0;
    for (const stored of [this.manifests, this.tags, this.blobs]) stored.clear();
  }

  count(method: string, path: RegExp): number {
    return this.seen.filter((r) => r.method === method && path.test(r.path)).length;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = request;
    const { authorization, range } = headers;
    const contentRange = headers["content-range"];
    this.seen.push({ method, path, authorization, range, contentRange });
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
      /^\/v2\/(.+)\/(manifests|blobs|referrers|tags)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "tags") return this.#tagList(response, repository, url);
    if (kind === "manifests") return this.#manifest(request, response, repository, reference);
    if (kind === "referrers") return this.#referrers(response, repository, reference);
    if (reference.startsWith("uploads/")) return this.#upload(request, response, repository, url);
    const blob = this.blobs.get(`${repository}@${reference}`);
    if (blob === undefined) return end(response, 404);
    return sendBlob(request, response, blob);
  }

  #allowed({ headers }: IncomingMessage): boolean {
    if (this.auth === "none") return true;
    const { authorization = "" } = headers;
    if (this.auth === "basic") return authorization === this.#basic();
    return this.tokens.has(authorization.replace("Bearer ", ""));
  }

  #basic(): string {
    return `Basic ${Buffer.from(`${USER}:${this.password}`).toString("base64")}`;
  }

  #challenge(response: ServerResponse): void {
    this.refused += 1;
    const bearer = `Bearer realm="http://${this.host}/token",service="double"`;
    end(response, 401, { "www-authenticate": this.auth === "basic" ? "Basic" : bearer });
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await this.#mayHaveToken(request))) return end(response, 401);
    const token = `token-${(this.#given += 1)}`;
    this.tokens.add(token);
    end(response, 200, {}, JSON.stringify({ token, expires_in: this.tokenLifetime }));
  }

  async #mayHaveToken(request: IncomingMessage): Promise<boolean> {
    if (request.method === "GET") {
      return this.password === "" || request.headers.authorization === this.#basic();
    }
    const bytes = await collect(request as AsyncIterable<Uint8Array>, 1 << 16, "form");
    const form = new URLSearchParams(bytes.toString());
    return (
      form.get("grant_type") === "refresh_token" &&
      form.get("refresh_token") === this.identityToken &&
      form.get("scope") !== null
    );
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
    if (request.method === "DELETE") return this.#delete(response, repository, digest);
    if (stored === undefined) return end(response, 404);
    response.writeHead(200, {
      "content-type": stored.mediaType,
      "content-length": stored.bytes.length,
      "docker-content-digest": digest,
    });
    response.end(request.method === "HEAD" ? undefined : stored.bytes);
  }

  #delete(response: ServerResponse, repository: string, digest: string): void {
    if (!this.allowsDeletes) return end(response, 405);
    if (!this.manifests.delete(`${repository}@${digest}`)) return end(response, 404);
    for (const [name, target] of this.tags) {
      if (name.startsWith(`${repository}:`) && target === digest) this.tags.delete(name);
    }
    end(response, 202);
  }

  #tagList(response: ServerResponse, repository: string, url: URL): void {
    const prefix = `${repository}:`;
    const names = [...this.tags.keys()].filter((name) => name.startsWith(prefix)).sort();
    const known = [...this.manifests.keys()].some((key) => key.startsWith(`${repository}@`));
    if (!known) return end(response, 404);
    const count = Number(url.searchParams.get("n") ?? Infinity);
    const last = url.searchParams.get("last") ?? "";
    const rest = names.map((name) => name.slice(prefix.length)).filter((tag) => tag > last);
    const page = rest.slice(0, count);
    const next = `<${url.pathname}?n=${count}&last=${page.at(-1)}>; rel="next"`;
    const headers: Record<string, string> = rest.length > count ? { link: next } : {};
    end(response, 200, headers, JSON.stringify({ name: repository, tags: page }));
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
    if (request.method === "POST") return this.#begin(response, repository, url);
    const id = url.pathname.split("/").at(-1) ?? "";
    const present = this.uploads.get(id);
    if (present === undefined) return end(response, 404);
    const state = (size: number) => ({
      location: `/v2/${repository}/blobs/uploads/${id}?state=${size}`,
      range: `0-${Math.max(0, size - 1)}`,
    });
    if (request.method === "GET") return end(response, 204, state(present.length));
    const from = /^([0-9]+)-/.exec(request.headers["content-range"] ?? "")?.[1];
    if (from !== undefined && Number(from) !== present.length) return end(response, 416);
    const bytes = await this.#receive(request, id, present);
    if (request.method === "PATCH") return end(response, 202, state(bytes.length));
    this.uploads.delete(id);
    const digest = url.searchParams.get("digest") ?? "";
    if (sha256(bytes) !== digest) return end(response, 400);
    this.blobs.set(`${repository}@${digest}`, bytes);
    end(response, 201, { "docker-content-digest": digest });
  }

  #begin(response: ServerResponse, repository: string, url: URL): void {
    const [mount, from] = [url.searchParams.get("mount"), url.searchParams.get("from")];
    const mounted = this.blobs.get(`${from}@${mount}`);
    if (mounted !== undefined) {
      this.blobs.set(`${repository}@${mount}`, mounted);
      return end(response, 201, { "docker-content-digest": mount ?? "" });
    }
    const id = String((this.#begun += 1));
    this.uploads.set(id, Buffer.alloc(0));
    end(response, 202, {
      location: `/v2/${repository}/blobs/uploads/${id}?state=0`,
      ...(this.leastPart > 0 && { "oci-chunk-min-length": String(this.leastPart) }),
    });
  }

  /** What comes in is kept also if the rest does not come. */
  async #receive(request: IncomingMessage, id: string, present: Buffer): Promise<Buffer> {
    const chunks = [present];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } finally {
      this.uploads.set(id, Buffer.concat(chunks));
    }
    return Buffer.concat(chunks);
  }
}

/** An answer without surprises. */
export function end(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body = "",
): void {
  // Without a length Node ends the connection after some answers.
  response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
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

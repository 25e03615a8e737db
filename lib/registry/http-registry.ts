import type { Clock } from "../support/clock";
import { systemClock } from "../support/clock";
import { isDigest, sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import type { Credentials } from "./http-auth";
import { download } from "./http-download";
import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { askReferrersApi } from "./http-referrers";
import { HttpTransport } from "./http-transport";
import { isLoopback, loopbackOrigin } from "./loopback-origin";
import { LARGEST_MANIFEST, manifestMediaType, parseManifest } from "./manifest";
import type { Descriptor } from "./manifest";
import { ACCEPTED_MANIFESTS } from "./media-types";
import { DEFAULT_REGISTRY, isRegistry, isRepository, isTag } from "./reference";
import { addToReferrersTag, asReferrer, readReferrersTag } from "./referrers-tag";
import type { RegistryClient, StoredManifest } from "./registry-client";
import { RegistryError } from "./registry-error";
import { DEFAULT_RETRIES, realTiming, withRetries } from "./retry";
import type { RetryPolicy, Timing } from "./retry";
import { bytesSource, collect, verifiedStream } from "./verified-stream";
import type { BlobSource, Content } from "./verified-stream";

export interface HttpRegistryOptions {
  /** Host, with a port where it is not the usual one: `ghcr.io`, `registry.example:5000`. */
  readonly registry: string;
  /** @default - anonymous */
  readonly credentials?: Credentials;
  /**
   * Speaks HTTP without TLS. Only for a test.
   *
   * @default - HTTPS, or what a registry on this machine answers to
   */
  readonly plainHttp?: boolean;
  /** @default - {@link DEFAULT_RETRIES} for what is left out */
  readonly retries?: Partial<RetryPolicy>;
  /**
   * Longest time, in milliseconds, in which a connection may be silent or bring less than 64 KiB.
   *
   * @default 30000
   */
  readonly patience?: number;
  /** @default - real waits and real chance */
  readonly timing?: Timing;
  /** @default - the system's clock; it is asked only to read a Retry-After date */
  readonly clock?: Clock;
}

/** Docker Hub's references say docker.io; its API is elsewhere. */
const DOCKER_HUB_API = "registry-1.docker.io";

const ACCEPT = { accept: ACCEPTED_MANIFESTS.join(", ") };

/**
 * A registry over HTTP (OCI distribution-spec 1.1, Docker Registry API v2), with Basic and Bearer
 * sign-in. Certificates are checked against Node's roots and NODE_EXTRA_CA_CERTS.
 *
 * @throws RangeError if the registry is no host.
 */
export class HttpRegistry implements RegistryClient {
  readonly #transport: HttpTransport;
  readonly #retries: RetryPolicy;
  readonly #timing: Timing;

  constructor(options: HttpRegistryOptions) {
    const { registry, credentials, plainHttp, patience = 30_000 } = options;
    if (!isRegistry(registry)) {
      throw new RangeError(`${JSON.stringify(registry)} is no registry; write host or host:port`);
    }
    const host = registry === DEFAULT_REGISTRY ? DOCKER_HUB_API : registry;
    this.#transport = new HttpTransport({
      origin: () => {
        if (plainHttp === undefined && isLoopback(host)) return loopbackOrigin(host);
        return `${plainHttp === true ? "http" : "https"}://${host}`;
      },
      patience,
      clock: options.clock ?? systemClock,
      ...(credentials === undefined ? {} : { credentials }),
    });
    this.#retries = { ...DEFAULT_RETRIES, ...options.retries };
    this.#timing = options.timing ?? realTiming;
  }

  async getManifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const request = this.#manifestRequest("GET", repository, reference);
    return this.#retry(async () => {
      const answer = await this.#transport.send(request);
      if (!found(answer, request)) return undefined;
      const bytes = await collect(answer.body(), LARGEST_MANIFEST, request.what);
      return storedManifest(answer, bytes, reference, request.what);
    });
  }

  async headManifest(repository: string, reference: string): Promise<Digest | undefined> {
    const request = this.#manifestRequest("HEAD", repository, reference);
    const digest = await this.#retry(async () => {
      const answer = await this.#transport.send(request);
      if (!found(answer, request)) return null;
      answer.discard();
      return answer.header("docker-content-digest");
    });
    if (digest === null) return undefined;
    // The header is optional: without it only the bytes can tell.
    if (digest === undefined) return (await this.getManifest(repository, reference))?.digest;
    if (!isDigest(digest)) {
      throw new RegistryError("refused", `${request.what}: its digest is not sha256`);
    }
    if (isDigest(reference) && digest !== reference) throw wrongDigest(request.what, digest);
    return digest;
  }

  async putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Promise<Digest> {
    const digest = sha256(bytes);
    const request: HttpRequest = {
      ...this.#manifestRequest("PUT", repository, reference),
      headers: { "content-type": mediaType },
      body: { open: bytesSource(bytes), size: bytes.length },
    };
    if (isDigest(reference) && reference !== digest) throw wrongDigest(request.what, digest);
    parseManifest(bytes, mediaType, request.what);
    const answer = await this.#retry(() => this.#sendExpecting(request, 201));
    const referrer = asReferrer(bytes, request.what);
    // A registry with a referrers API says so by this header; for the others the client keeps the list.
    if (referrer !== undefined && answer.header("oci-subject") === undefined) {
      await addToReferrersTag(this, repository, referrer.subject, referrer.descriptor);
    }
    return digest;
  }

  async hasBlob(repository: string, blob: Content): Promise<boolean> {
    const request = this.#blobRequest("HEAD", repository, blob);
    return this.#retry(async () => {
      const answer = await this.#transport.send(request);
      if (!found(answer, request)) return false;
      answer.discard();
      const size = answer.header("content-length");
      if (size !== undefined && Number(size) !== blob.size) {
        throw new RegistryError(
          "corrupt",
          `${request.what}: it has ${size} bytes, not ${blob.size}`,
        );
      }
      return true;
    });
  }

  openBlob(repository: string, blob: Content): AsyncIterable<Uint8Array> {
    const request = this.#blobRequest("GET", repository, blob);
    return verifiedStream(download(this.#exchange, request, this.#retries.attempts), blob);
  }

  async putBlob(repository: string, blob: Content, open: BlobSource): Promise<void> {
    checkRepository(repository);
    const what = `upload of ${repository}@${blob.digest}`;
    const scope = `repository:${repository}:pull,push`;
    await this.#retry(async () => {
      const url = `/v2/${repository}/blobs/uploads/`;
      const session = await this.#sendExpecting({ method: "POST", url, what, scope }, 202);
      const location = session.header("location");
      if (location === undefined)
        throw new RegistryError("refused", `${what}: it was given no address`);
      await this.#sendExpecting(
        {
          method: "PUT",
          url: withDigest(location, blob.digest),
          what,
          scope,
          headers: { "content-type": "application/octet-stream" },
          body: { open: () => verifiedStream(open(), blob), size: blob.size },
        },
        201,
      );
    });
  }

  async listReferrers(repository: string, digest: Digest): Promise<Descriptor[]> {
    checkRepository(repository);
    const listed = await askReferrersApi(
      (request, read) => this.#retry(async () => read(await this.#transport.send(request))),
      repository,
      digest,
    );
    return listed ?? readReferrersTag(this, repository, digest);
  }

  async #sendExpecting(request: HttpRequest, status: number): Promise<HttpAnswer> {
    const answer = await this.#transport.send(request);
    answer.discard();
    checkStatus(answer, status, request.what);
    return answer;
  }

  readonly #exchange = (request: HttpRequest): Promise<HttpAnswer> =>
    this.#retry(() => this.#transport.send(request));

  #retry<T>(action: () => Promise<T>): Promise<T> {
    return withRetries(this.#retries, this.#timing, action);
  }

  #manifestRequest(method: "GET" | "HEAD" | "PUT", repository: string, reference: string) {
    checkRepository(repository);
    if (!isDigest(reference) && !isTag(reference)) {
      throw new RegistryError(
        "refused",
        `${JSON.stringify(reference)} is neither a tag nor a sha256 digest`,
      );
    }
    const what = `manifest ${repository}${isDigest(reference) ? "@" : ":"}${reference}`;
    const url = `/v2/${repository}/manifests/${reference}`;
    const scope = `repository:${repository}:${method === "PUT" ? "pull,push" : "pull"}`;
    return { method, url, what, scope, headers: ACCEPT };
  }

  #blobRequest(method: "GET" | "HEAD", repository: string, { digest }: Content) {
    checkRepository(repository);
    const url = `/v2/${repository}/blobs/${digest}`;
    const what = `blob ${repository}@${digest}`;
    return { method, url, what, scope: `repository:${repository}:pull` };
  }
}

/** False for 404; anything else that is no success is thrown. */
function found(answer: HttpAnswer, { what }: HttpRequest): boolean {
  if (answer.status === 200 || answer.status === 206) return true;
  answer.discard();
  if (answer.status === 404) return false;
  throw new RegistryError("refused", `${what}: the registry answered ${answer.status}`);
}

function checkStatus(answer: HttpAnswer, expected: number, what: string): void {
  if (answer.status === expected) return;
  throw new RegistryError("refused", `${what}: the registry answered ${answer.status}`);
}

function storedManifest(
  answer: HttpAnswer,
  bytes: Uint8Array,
  reference: string,
  what: string,
): StoredManifest {
  const digest = sha256(bytes);
  const promised = isDigest(reference)
    ? reference
    : (answer.header("docker-content-digest") ?? digest);
  if (promised !== digest) throw wrongDigest(what, digest);
  const served = answer.header("content-type")?.split(";")[0]?.trim();
  const known = served !== undefined && ACCEPTED_MANIFESTS.includes(served);
  return { mediaType: known ? served : manifestMediaType(bytes, what), digest, bytes };
}

function wrongDigest(what: string, digest: string): RegistryError {
  return new RegistryError("corrupt", `${what}: it has the content of ${digest}`);
}

/** The address of an upload session may have a query of its own, which has to stay. */
function withDigest(location: string, digest: Digest): string {
  return `${location}${location.includes("?") ? "&" : "?"}digest=${digest}`;
}

function checkRepository(repository: string): void {
  if (isRepository(repository)) return;
  throw new RegistryError("refused", `${JSON.stringify(repository)} is no repository`);
}

import type { Clock } from "../../support/clock";
import { systemClock } from "../../support/clock";
import { isDigest, sha256 } from "../../support/digest";
import type { Digest } from "../../support/digest";
import type { Credentials, CredentialsOf } from "./http-auth";
import type { ConnectionOptions } from "./http-connections";
import { checkReference, checkRepository } from "../check-name";
import { download } from "./http-download";
import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { promisedDigest, readManifestAnswer, wrongDigest } from "./http-manifest";
import type { ReadExchange } from "./http-pages";
import { askReferrersApi } from "./http-referrers";
import { listTags } from "./http-tags";
import { HttpTransport } from "./http-transport";
import { HttpUpload } from "./http-upload";
import { isLoopback, loopbackOrigin } from "./loopback-origin";
import { parseManifest } from "../manifest";
import type { Descriptor } from "../manifest";
import { ACCEPTED_MANIFESTS } from "../media-types";
import { OneAtATime } from "../one-at-a-time";
import { DEFAULT_REGISTRY, isRegistry } from "../reference";
import {
  addToReferrersTag,
  asReferrer,
  readReferrersTag,
  removeFromReferrersTag,
} from "../referrers-tag";
import type { PutBlobOptions, RegistryClient, StoredManifest } from "../registry-client";
import { RegistryError } from "../registry-error";
import { DEFAULT_RETRIES, realTiming, withRetries } from "./retry";
import type { RetryPolicy, Timing } from "./retry";
import type { SilenceLimits, SilentHost } from "./silence";
import { bytesSource, verifiedStream } from "../verified-stream";
import type { BlobSource, Content } from "../verified-stream";

export interface HttpRegistryOptions extends Partial<ConnectionOptions> {
  /** Host, with a port where it is not the usual one: `ghcr.io`, `registry.example:5000`. */
  readonly registry: string;
  /** One user for all repositories, or a way to find one for each. @default - anonymous */
  readonly credentials?: Credentials | CredentialsOf;
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
  /**
   * Blobs above this size, in bytes, are sent in parts of it, so that an upload that breaks is taken up
   * again, and that a proxy with a limit lets them through.
   *
   * @default 67108864 (64 MiB)
   */
  readonly partBytes?: number;
  /** How long a host may leave everything unanswered. @default - told after 10 s, given up after 60 s for 60 s */
  readonly silence?: Partial<SilenceLimits>;
  /** Is told of a host that has answered nothing for a while. @default - nobody is told */
  readonly onSilence?: (host: SilentHost) => void;
  /** @default - real waits and real chance */
  readonly timing?: Timing;
  /** @default - the system's clock; it is asked only to read a Retry-After date */
  readonly clock?: Clock;
}

/** Docker Hub's references say docker.io; its API is elsewhere. */
const DOCKER_HUB_API = "registry-1.docker.io";

const MANIFEST_ACTIONS = { GET: "pull", HEAD: "pull", PUT: "pull,push", DELETE: "delete" };
type ManifestMethod = keyof typeof MANIFEST_ACTIONS;

const NO_DELETES =
  "the registry does not allow deletes; for CNCF distribution, start it with " +
  "REGISTRY_STORAGE_DELETE_ENABLED=true";

const DEFAULT_PATIENCE = 30_000;
const DEFAULT_PART = 64 * 1024 * 1024;

const ACCEPT = { accept: ACCEPTED_MANIFESTS.join(", ") };

/**
 * A registry over HTTP (OCI distribution-spec 1.1, Docker Registry API v2), with Basic and Bearer
 * sign-in.
 *
 * @throws RangeError if the registry is no host.
 */
export class HttpRegistry implements RegistryClient {
  readonly #transport: HttpTransport;
  readonly #retries: RetryPolicy;
  readonly #timing: Timing;
  readonly #partBytes: number;
  /** Of the lists under fallback tags, each of which is read and written whole. */
  readonly #listChanges = new OneAtATime();

  constructor(options: HttpRegistryOptions) {
    const { registry, credentials, plainHttp, retries, timing, partBytes, ...others } = options;
    if (!isRegistry(registry)) {
      throw new RangeError(`${JSON.stringify(registry)} is no registry; write host or host:port`);
    }
    const host = registry === DEFAULT_REGISTRY ? DOCKER_HUB_API : registry;
    this.#transport = new HttpTransport({
      origin: () => {
        if (plainHttp === undefined && isLoopback(host)) return loopbackOrigin(host);
        return `${plainHttp === true ? "http" : "https"}://${host}`;
      },
      patience: DEFAULT_PATIENCE,
      clock: systemClock,
      ...others,
      ...(credentials === undefined ? {} : { credentialsOf: finder(credentials) }),
    });
    this.#retries = { ...DEFAULT_RETRIES, ...retries };
    this.#timing = timing ?? realTiming;
    this.#partBytes = partBytes ?? DEFAULT_PART;
  }

  async getManifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const request = this.#manifestRequest("GET", repository, reference);
    return this.#retry(async () => {
      const answer = await this.#transport.send(request);
      if (!found(answer, request)) return undefined;
      return readManifestAnswer(answer, reference, request.what);
    });
  }

  async headManifest(repository: string, reference: string): Promise<Digest | undefined> {
    const request = this.#manifestRequest("HEAD", repository, reference);
    const digest = await this.#retry(async () => {
      const answer = await this.#transport.send(request);
      if (!found(answer, request)) return null;
      answer.discard();
      return promisedDigest(answer, request.what);
    });
    if (digest === null) return undefined;
    // The header is optional: without it only the bytes can tell.
    if (digest === undefined) return (await this.getManifest(repository, reference))?.digest;
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
    const answer = await this.#retry(() => this.#sendDiscarding(request));
    if (answer.status !== 201) throw answered(answer.status, request.what);
    const referrer = asReferrer(bytes, request.what);
    // A registry with a referrers API says so by this header; for the others the client keeps the list.
    if (referrer !== undefined && answer.header("oci-subject") === undefined) {
      const { subject, descriptor } = referrer;
      await this.#listChanges.run(`${repository}@${subject}`, () =>
        addToReferrersTag(this, repository, subject, descriptor),
      );
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
    const request = { ...this.#blobRequest("GET", repository, blob), streams: true };
    return verifiedStream(download(this.#exchange, request, this.#retries.attempts), blob);
  }

  async putBlob(
    repository: string,
    blob: Content,
    open: BlobSource,
    { mountFrom }: PutBlobOptions = {},
  ): Promise<void> {
    checkRepository(repository);
    if (mountFrom !== undefined) checkRepository(mountFrom);
    const upload = new HttpUpload((request) => this.#transport.send(request), {
      repository,
      blob,
      open,
      mountFrom,
      partBytes: this.#partBytes,
    });
    await this.#retry(() => upload.attempt());
  }

  async listReferrers(repository: string, digest: Digest): Promise<Descriptor[]> {
    checkRepository(repository);
    const listed = await askReferrersApi(this.#readExchange, repository, digest);
    return listed ?? readReferrersTag(this, repository, digest);
  }

  listTags(repository: string): AsyncIterable<string> {
    checkRepository(repository);
    return listTags(this.#readExchange, repository);
  }

  async deleteManifest(repository: string, digest: Digest): Promise<boolean> {
    const request = this.#manifestRequest("DELETE", repository, digest);
    const stored = await this.getManifest(repository, digest);
    if (stored === undefined) return false;
    const referrer = asReferrer(stored.bytes, request.what);
    const { status } = await this.#retry(() => this.#sendDiscarding(request));
    if (status === 405) throw new RegistryError("refused", `${request.what}: ${NO_DELETES}`);
    if (status === 404) return false;
    if (status !== 202 && status !== 200 && status !== 204) throw answered(status, request.what);
    // Only after it is gone: a delete that is refused must not hide a signature.
    if (referrer !== undefined) {
      const { subject } = referrer;
      await this.#listChanges.run(`${repository}@${subject}`, () =>
        removeFromReferrersTag(this, repository, subject, digest),
      );
    }
    return true;
  }

  async #sendDiscarding(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await this.#transport.send(request);
    answer.discard();
    return answer;
  }

  readonly #readExchange: ReadExchange = (request, read) =>
    this.#retry(async () => read(await this.#transport.send(request)));

  readonly #exchange = (request: HttpRequest): Promise<HttpAnswer> =>
    this.#retry(() => this.#transport.send(request));

  #retry<T>(action: () => Promise<T>): Promise<T> {
    return withRetries(this.#retries, this.#timing, action);
  }

  #manifestRequest(method: ManifestMethod, repository: string, reference: string) {
    checkRepository(repository);
    checkReference(reference);
    const what = `manifest ${repository}${isDigest(reference) ? "@" : ":"}${reference}`;
    const url = `/v2/${repository}/manifests/${reference}`;
    const scope = `repository:${repository}:${MANIFEST_ACTIONS[method]}`;
    return { method, url, what, scope, headers: ACCEPT };
  }

  #blobRequest(method: "GET" | "HEAD", repository: string, { digest }: Content) {
    checkRepository(repository);
    const url = `/v2/${repository}/blobs/${digest}`;
    const what = `blob ${repository}@${digest}`;
    return { method, url, what, scope: `repository:${repository}:pull` };
  }
}

function finder(credentials: Credentials | CredentialsOf): CredentialsOf {
  return typeof credentials === "function" ? credentials : () => Promise.resolve(credentials);
}

/** False for 404; anything else that is no success is thrown. */
function found(answer: HttpAnswer, { what }: HttpRequest): boolean {
  if (answer.status === 200 || answer.status === 206) return true;
  answer.discard();
  if (answer.status === 404) return false;
  throw answered(answer.status, what);
}

function answered(status: number, what: string): RegistryError {
  return new RegistryError("refused", `${what}: the registry answered ${status}`);
}

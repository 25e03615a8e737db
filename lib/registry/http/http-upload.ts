import type { Digest } from "../../support/digest";
import { BlobReader } from "./blob-reader";
import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { RegistryError, TransientError } from "../registry-error";
import { verifiedStream } from "../verified-stream";
import type { BlobSource, Content } from "../verified-stream";

/** The registry has lost the upload, or stands elsewhere in it than was thought. */
const LOST_SESSION = new Set([404, 416]);

export interface BlobToSend {
  readonly repository: string;
  readonly blob: Content;
  readonly open: BlobSource;
  /** Another repository of the registry that has the blob. */
  readonly mountFrom?: string | undefined;
  /** A blob above this size is sent in parts of this size. */
  readonly partBytes: number;
}

/** An upload that the registry has begun: where it goes on, and how many bytes are there. */
interface Session {
  readonly location: string;
  readonly offset: number;
  /** Bytes in each part but the last. */
  readonly part: number;
}

/**
 * One blob on its way into a registry (OCI distribution-spec, "Pushing Blobs"): mounted from another
 * repository if that can be, else sent in one request, or in parts if it is large. Between its
 * attempts it remembers the upload, and goes on where the registry stands.
 *
 * A single POST that brings the blob along is not tried: distribution and what is built on it answer
 * 202 to it and throw the bytes away.
 */
export class HttpUpload {
  readonly #send: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly #to: BlobToSend;
  readonly #reader: BlobReader;
  readonly #what: string;
  readonly #scope: string;
  #mayMount: boolean;
  #inParts: boolean;
  #session: Session | undefined;

  constructor(send: (request: HttpRequest) => Promise<HttpAnswer>, to: BlobToSend) {
    const { repository, blob, open, mountFrom, partBytes } = to;
    this.#send = send;
    this.#to = to;
    this.#reader = new BlobReader(() => verifiedStream(open(), blob));
    this.#what = `upload of ${repository}@${blob.digest}`;
    this.#scope = `repository:${repository}:pull,push`;
    this.#mayMount = mountFrom !== undefined && mountFrom !== repository;
    this.#inParts = blob.size > partBytes;
  }

  /**
   * Ends with the blob in the registry, or throws; after a {@link TransientError} it may be called again.
   *
   * @throws RegistryError `corrupt` if the source is not the blob, or the registry says it has another.
   */
  async attempt(): Promise<void> {
    try {
      const session = (await this.#standing()) ?? (await this.#begin());
      if (session !== undefined) await this.#fill(session);
    } finally {
      this.#reader.close();
    }
  }

  /** Where an upload that broke stands; undefined if there is none to go on with. */
  async #standing(): Promise<Session | undefined> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return undefined;
    const answer = await this.#ask({ method: "GET", url: session.location }).catch(lost);
    const end = Number(/^(?:bytes=)?0-([0-9]+)$/.exec(answer?.header("range") ?? "")?.[1] ?? 0);
    // distribution says 0-0 of one byte and of none.
    if (answer?.status !== 204 || end === 0 || end >= this.#to.blob.size) return undefined;
    return (this.#session = {
      location: answer.header("location") ?? session.location,
      offset: end + 1,
      part: session.part,
    });
  }

  /** Begins an upload; undefined if the blob was mounted instead. */
  async #begin(): Promise<Session | undefined> {
    const answer = (await this.#mount()) ?? (await this.#ask(this.#post("")));
    if (answer.status === 201) return this.#checkDigest(answer);
    this.#expect(answer, 202);
    const location = answer.header("location");
    if (location === undefined) throw this.#refused("was given no address");
    const least = Number(answer.header("oci-chunk-min-length") ?? 0);
    return (this.#session = { location, offset: 0, part: Math.max(this.#to.partBytes, least) });
  }

  /** The answer to a mount, which may be an upload; undefined if it cannot be asked for. */
  async #mount(): Promise<HttpAnswer | undefined> {
    const { blob, repository, mountFrom = repository } = this.#to;
    if (!this.#mayMount) return undefined;
    const query = `?mount=${blob.digest}&from=${encodeURIComponent(mountFrom)}`;
    const request = this.#post(query, `${this.#scope} repository:${mountFrom}:pull`);
    const answer = await this.#ask(request).catch(lost);
    if (answer?.status === 201 || answer?.status === 202) return answer;
    // The other repository may not be ours to read.
    this.#mayMount = false;
    return undefined;
  }

  async #fill(session: Session): Promise<void> {
    if (session.offset === 0 && !this.#inParts) return this.#finish(session, this.#to.blob.size);
    const { size } = this.#to.blob;
    let current = session;
    while (current.offset < size) {
      const next = await this.#sendPart(current, Math.min(current.offset + current.part, size));
      // A registry that takes no parts takes the whole.
      if (next === undefined) return this.#sendWhole();
      this.#session = current = next;
    }
    return this.#finish(current, 0);
  }

  async #sendPart({ location, offset, part }: Session, end: number): Promise<Session | undefined> {
    const answer = await this.#ask({
      method: "PATCH",
      url: location,
      headers: {
        "content-type": "application/octet-stream",
        "content-range": `${offset}-${end - 1}`,
      },
      body: { open: () => this.#reader.read(offset, end), size: end - offset },
    });
    if (answer.status === 202) {
      return { location: answer.header("location") ?? location, offset: end, part };
    }
    this.#checkSession(answer);
    return undefined;
  }

  async #sendWhole(): Promise<void> {
    if (!this.#inParts) throw this.#refused("was begun and is not taken on");
    this.#inParts = false;
    const session = await this.#begin();
    if (session !== undefined) await this.#finish(session, this.#to.blob.size);
  }

  /** Ends an upload with its last bytes, all of them or none. */
  async #finish({ location }: Session, bytes: number): Promise<void> {
    const { blob } = this.#to;
    const answer = await this.#ask({
      method: "PUT",
      url: withDigest(location, blob.digest),
      headers: { "content-type": "application/octet-stream" },
      body: { open: () => this.#reader.read(0, bytes), size: bytes },
    });
    this.#checkSession(answer);
    this.#expect(answer, 201);
    this.#checkDigest(answer);
  }

  #post(query: string, scope = this.#scope) {
    const url = `/v2/${this.#to.repository}/blobs/uploads/${query}`;
    return { method: "POST", url, scope } as const;
  }

  async #ask(
    request: Pick<HttpRequest, "method" | "url" | "headers" | "body"> & { scope?: string },
  ): Promise<HttpAnswer> {
    const answer = await this.#send({ what: this.#what, scope: this.#scope, ...request });
    answer.discard();
    return answer;
  }

  #checkSession({ status }: HttpAnswer): void {
    if (!LOST_SESSION.has(status)) return;
    throw new TransientError(`${this.#what}: the registry lost it (${status})`);
  }

  #expect({ status }: HttpAnswer, expected: number): void {
    if (status !== expected) throw this.#refused(`was answered with ${status}`);
  }

  #checkDigest(answer: HttpAnswer): undefined {
    const stored = answer.header("docker-content-digest");
    if (stored === undefined || stored === this.#to.blob.digest) return;
    const message = `${this.#what}: the registry says that it has ${JSON.stringify(stored)}`;
    throw new RegistryError("corrupt", message);
  }

  #refused(message: string): RegistryError {
    return new RegistryError("refused", `${this.#what} ${message}`);
  }
}

/** Turns an answer that is final into none, so that something else is tried; what may pass is thrown. */
function lost(error: unknown): undefined {
  if (!(error instanceof RegistryError) || error instanceof TransientError) throw error;
}

/** The address of an upload session may have a query of its own, which has to stay. */
function withDigest(location: string, digest: Digest): string {
  return `${location}${location.includes("?") ? "&" : "?"}digest=${digest}`;
}

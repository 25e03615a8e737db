import { request as requestHttp } from "node:http";
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as requestHttps } from "node:https";
import { pipeline } from "node:stream/promises";
import type { Secret } from "../support/secret";
import { TransientError } from "./registry-error";
import { StallGuard } from "./stall-guard";
import type { BlobSource } from "./verified-stream";

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  /** A path of the registry's API, or the address an upload session was given. */
  readonly url: string;
  /** What is asked for, for messages, without an address: `manifest atom/api:7.2.0`. */
  readonly what: string;
  /** Token scope: `repository:atom/api:pull,push`. */
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly open: BlobSource; readonly size: number };
}

/** An answer whose body is read once, or discarded. */
export interface HttpAnswer {
  readonly status: number;
  /** A header's value by its lower-case name. */
  header(name: string): string | undefined;
  /** @throws TransientError if the connection breaks or stalls. */
  body(): AsyncIterable<Uint8Array>;
  /** Gives the connection back without reading on. */
  discard(): void;
}

/**
 * One request and its answer, redirects and compression left alone. It is built on node:http because
 * the built-in fetch of Node 20 takes in an upload's whole body before it is sent.
 *
 * @param patience longest stall, in milliseconds.
 * @throws TransientError if there is no answer; what the upload's own source throws, if it does.
 */
export function exchangeOnce(
  url: URL,
  request: HttpRequest,
  authorization: Secret | undefined,
  patience: number,
): Promise<HttpAnswer> {
  const { method, what, body } = request;
  const guard = new StallGuard(patience);
  const open = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const headers = headersOf(request, authorization);
    const outgoing = open(url, { method, headers, signal: guard.signal });
    const upload = body && watched(body.open, guard);
    outgoing.once("response", (incoming) => {
      guard.pause();
      resolve(new Answer(outgoing, incoming, guard, what));
    });
    const fail = () => {
      guard.pause();
      outgoing.destroy();
      // What broke while the upload's own source was read is not the registry's fault.
      const lost = new TransientError(`${what}: ${guard.describe("the connection failed")}`);
      reject(upload?.failure.error ?? lost);
    };
    outgoing.on("error", fail);
    guard.run();
    if (upload === undefined) outgoing.end();
    else pipeline(upload.stream, outgoing).catch(fail);
  });
}

function headersOf(
  { headers, body }: HttpRequest,
  authorization: Secret | undefined,
): OutgoingHttpHeaders {
  return {
    // Compression would change the bytes that are to be verified.
    "accept-encoding": "identity",
    ...headers,
    ...(body && { "content-length": String(body.size) }),
    ...(authorization && { authorization: authorization.reveal() }),
  };
}

/** Rests of answers up to this size are read to keep the connection; beyond, it is cut. */
const SMALL_REST = 64 * 1024;

class Answer implements HttpAnswer {
  readonly status: number;

  constructor(
    private readonly outgoing: ClientRequest,
    private readonly incoming: IncomingMessage,
    private readonly guard: StallGuard,
    private readonly what: string,
  ) {
    this.status = incoming.statusCode ?? 0;
    // Whoever reads the body hears of failures there; nobody else has to.
    incoming.on("error", () => undefined);
  }

  header(name: string): string | undefined {
    const value = this.incoming.headers[name];
    return typeof value === "string" ? value : undefined;
  }

  async *body(): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks = this.incoming[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    this.guard.renew();
    try {
      for (;;) {
        this.guard.run();
        const chunk = await chunks.next().catch(() => this.#broken());
        this.guard.pause();
        if (chunk.done === true) return;
        this.guard.progress(chunk.value.length);
        yield chunk.value;
      }
    } finally {
      this.guard.pause();
      this.#end();
    }
  }

  discard(): void {
    const announced = Number(this.header("content-length") ?? Infinity);
    if (this.outgoing.method === "HEAD" || announced <= SMALL_REST) this.incoming.resume();
    else this.incoming.destroy();
    this.#end();
  }

  /** An answer that came before the upload was sent leaves a source that nobody reads on. */
  #end(): void {
    if (!this.outgoing.writableFinished) this.outgoing.destroy();
  }

  #broken(): never {
    const how = this.guard.describe("the connection broke off");
    throw new TransientError(`${this.what}: ${how}`);
  }
}

/** A source that tells the guard whose turn it is, and remembers what broke it. */
function watched(open: BlobSource, guard: StallGuard) {
  const failure: { error?: Error } = {};
  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      guard.pause();
      for await (const chunk of open()) {
        guard.progress(chunk.length);
        guard.run();
        yield chunk;
        guard.pause();
      }
      guard.renew();
      guard.run();
    } catch (error) {
      failure.error = error instanceof Error ? error : new Error(String(error));
      throw failure.error;
    }
  }
  return { stream: stream(), failure };
}

import { request as requestHttp } from "node:http";
import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as requestHttps } from "node:https";
import type { Secret } from "../../support/secret";
import { AnswerBody } from "./answer-body";
import { connectionFailure, isSilentProxy } from "./connection-failure";
import { StaleConnection, TransientError } from "../registry-error";
import type { Silence } from "./silence";
import { StallGuard } from "./stall-guard";
import type { BlobSource } from "../verified-stream";

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** A path of the registry's API, or the address an upload session was given. */
  readonly url: string;
  /** What is asked for, for messages, without an address: `manifest atom/api:7.2.0`. */
  readonly what: string;
  /** Token scope, or several with a blank between them: `repository:atom/api:pull,push`. */
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly open: BlobSource; readonly size: number };
  /** Whether the answer's body is read while other requests wait for it. @default false */
  readonly streams?: boolean;
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

export interface ExchangeOptions {
  readonly authorization?: Secret | undefined;
  readonly agent: Agent;
  /** Longest stall, in milliseconds. */
  readonly patience: number;
  /** What the host has left unanswered. */
  readonly silence: Silence;
}

/**
 * One request and its answer, redirects and compression left alone. It is built on node:http because
 * the built-in fetch of Node 20 takes in an upload's whole body before it is sent.
 *
 * @throws TransientError if there is no answer, RegistryError `unreachable` if there was none for long,
 * StaleConnection if the server had closed a connection that was kept; RegistryError `refused` for a
 * certificate that is not trusted; what the upload's own source throws, if it does.
 */
export function exchangeOnce(
  url: URL,
  request: HttpRequest,
  { authorization, agent, patience, silence }: ExchangeOptions,
): Promise<HttpAnswer> {
  const { method, what, body } = request;
  const open = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const headers = headersOf(request, authorization);
    const outgoing = open(url, { method, headers, agent });
    const guard = new StallGuard(patience, () => outgoing.destroy());
    const upload = body && new Upload(body, guard, () => silence.asked());
    outgoing.once("response", (incoming) => {
      guard.pause();
      silence.answered();
      const abandon = () => {
        // An answer that came before the upload was sent leaves a source that nobody reads on.
        if (upload !== undefined && upload.sent < upload.size) outgoing.destroy();
      };
      resolve(new Answer(incoming, guard, what, abandon));
    });
    const fail = (error: unknown) => {
      guard.stop();
      outgoing.destroy();
      // What broke while the upload's own source was read is not the registry's fault.
      if (upload?.failure !== undefined) return reject(upload.failure);
      if (guard.stall !== undefined || isSilentProxy(error)) {
        return reject(silence.unanswered(what, patience));
      }
      silence.answered();
      if (isStale(outgoing, error, upload?.sent)) return reject(new StaleConnection(what));
      reject(connectionFailure(what, url.host, error, proxyOf(agent)));
    };
    outgoing.on("error", fail);
    // Waiting for one of the host's connections is waiting for ourselves.
    outgoing.once("socket", () => guard.run());
    if (upload === undefined) outgoing.once("socket", () => silence.asked()).end();
    else outgoing.once("socket", () => void upload.sendInto(outgoing).catch(fail));
  });
}

/** Host of the proxy that an agent goes through, without the user that it may name. */
function proxyOf(agent: Agent): string | undefined {
  return (agent as { readonly proxy?: URL }).proxy?.host;
}

/** Whether a connection that was kept turned out to be closed, before much went over it. */
function isStale({ reusedSocket }: ClientRequest, error: unknown, sent = 0): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return reusedSocket && sent <= SMALL_REST && (code === "ECONNRESET" || code === "EPIPE");
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

/** Rests of answers up to this size, in bytes, are read to keep the connection; beyond, it is cut. */
const SMALL_REST = 64 * 1024;

class Answer implements HttpAnswer {
  readonly status: number;

  constructor(
    private readonly incoming: IncomingMessage,
    private readonly guard: StallGuard,
    private readonly what: string,
    /** Ends a request that is answered before it was sent. */
    private readonly abandon: () => void,
  ) {
    this.status = incoming.statusCode ?? 0;
    // Whoever reads the body hears of failures there; nobody else has to.
    incoming.on("error", () => undefined);
  }

  header(name: string): string | undefined {
    const value = this.incoming.headers[name];
    return typeof value === "string" ? value : undefined;
  }

  body(): AsyncIterable<Uint8Array> {
    return new AnswerBody(this.incoming, this.guard, () => this.#broken(), this.abandon);
  }

  discard(): void {
    let rest = 0;
    this.incoming
      .on("data", (chunk: Uint8Array) => {
        rest += chunk.length;
        if (rest > SMALL_REST) this.incoming.destroy();
      })
      .once("close", () => this.guard.stop());
    this.guard.renew();
    this.guard.run();
    this.abandon();
  }

  #broken(): TransientError {
    return new TransientError(`${this.what}: ${this.guard.stall ?? "the connection broke off"}`);
  }
}

/** What is sent along with a request: it tells the guard whose turn it is, and remembers how far it came and what broke it. */
class Upload {
  readonly size: number;
  /** Bytes that the connection was given. */
  sent = 0;
  failure: Error | undefined;
  readonly #open: BlobSource;
  readonly #guard: StallGuard;
  readonly #onSent: () => void;

  /** @param onSent is called once all of it is on its way. */
  constructor(
    { open, size }: NonNullable<HttpRequest["body"]>,
    guard: StallGuard,
    onSent: () => void,
  ) {
    this.size = size;
    this.#open = open;
    this.#guard = guard;
    this.#onSent = onSent;
  }

  /** Ends early, without a word, if the connection does. */
  async sendInto(outgoing: ClientRequest): Promise<void> {
    const guard = this.#guard;
    try {
      guard.pause();
      for await (const chunk of this.#open()) {
        if (outgoing.destroyed) return;
        this.sent += chunk.length;
        guard.progress(chunk.length);
        guard.run();
        if (!outgoing.write(chunk)) await drained(outgoing);
        guard.pause();
      }
      guard.renew();
      guard.run();
      this.#onSent();
      outgoing.end();
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      throw this.failure;
    }
  }
}

/** Waits until a request takes more, or is over. */
function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      outgoing.off("drain", settle).off("close", settle);
      resolve();
    };
    outgoing.on("drain", settle).on("close", settle);
  });
}

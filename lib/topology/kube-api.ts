import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { RequestOptions } from "node:https";
import { printable } from "../support/printable";
import { currentKubeContext, readKubeContext } from "./kube-context";

/** How to ask. */
export interface KubeRequest {
  /** The form of the answer. @default "application/json" */
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the server has begun to answer. */
  readonly opened?: (() => void) | undefined;
}

const SECONDS = 30;
const LARGEST_ANSWER = 256 * 1024 * 1024;
/** etcd takes 1.5 MiB of an object; the API server's own bound for a request is twice that. */
const LARGEST_LINE = 16 * 1024 * 1024;
/** As long as the client's own library takes a token from a file for fresh. */
const FRESH_MILLISECONDS = 60_000;
const KEEP_ALIVE_MILLISECONDS = 15_000;

/**
 * A failed exchange with an API server: {@link code} is the HTTP status, or a word for what happened to the
 * connection. What the server wrote is not repeated: it may hold anything.
 */
export class KubeApiError extends Error {
  override readonly name = "KubeApiError";

  /**
   * @param retryAfter seconds after which the server would be asked again.
   * @param mend what to do about it, where the code does not tell.
   */
  constructor(
    readonly code: string,
    readonly retryAfter?: number,
    readonly mend?: string,
  ) {
    super(`the API server answered with ${code}`);
  }
}

/**
 * Reads an API server as a kubeconfig's user. The client's own calls give objects of its own classes,
 * which leave out what it does not know and rename fields such as `from`; so only its connection is used.
 */
export class KubeApi {
  #options: { readonly value: RequestOptions; readonly until: number } | undefined;

  /**
   * @param context what it is called in messages.
   * @param server its address, without a slash at the end.
   * @param apply lays the user's certificate and token over a request.
   */
  constructor(
    readonly context: string,
    readonly server: string,
    private readonly apply: (options: RequestOptions) => Promise<void>,
  ) {}

  /**
   * @param name a context by the ordinary kubeconfig rules; in a pod without one, its service account.
   * @default name - the current context
   * @throws UsageError for an unknown context or a kubeconfig that cannot be read.
   */
  static async connect(name?: string): Promise<KubeApi> {
    const context = name ?? (await currentKubeContext());
    const { server } = await readKubeContext(context);
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromDefault();
    config.setCurrentContext(context);
    return new KubeApi(context, server, (options) => config.applyToHTTPSOptions(options));
  }

  /** The JSON at a path; undefined if there is no such path. @throws KubeApiError */
  async get(path: string, { accept, signal }: KubeRequest = {}): Promise<unknown> {
    const response = await this.#open(path, accept, signal, SECONDS);
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of chunksOf(response)) {
      size += part.length;
      if (size > LARGEST_ANSWER) throw new KubeApiError("a huge answer");
      parts.push(part);
    }
    if (response.statusCode === 404) return undefined;
    return parse(Buffer.concat(parts).toString("utf8"));
  }

  /**
   * The JSON of each line of an answer that goes on, as watches have it. Ends when the server ends it.
   *
   * @param idleSeconds after which a silent connection is taken for lost.
   * @throws KubeApiError, with code 404 if there is no such path.
   */
  async *lines(path: string, idleSeconds: number, request: KubeRequest): AsyncGenerator<unknown> {
    const response = await this.#open(path, request.accept, request.signal, idleSeconds);
    if (response.statusCode === 404) throw new KubeApiError("404");
    request.opened?.();
    let parts: Buffer[] = [];
    let size = 0;
    for await (const chunk of chunksOf(response)) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString("utf8");
        parts = [];
        size = 0;
        start = end + 1;
        if (line.trim() !== "") yield parse(line);
      }
      const rest = chunk.subarray(start);
      size += rest.length;
      if (size > LARGEST_LINE) throw new KubeApiError("a huge line");
      if (rest.length > 0) parts.push(rest);
    }
    // Half a line says nothing; whoever watches goes on from the last whole one.
  }

  /** An answer of 200 or 404. */
  async #open(
    path: string,
    accept = "application/json",
    signal: AbortSignal | undefined,
    idleSeconds: number,
  ): Promise<IncomingMessage> {
    const { headers, ...options } = await this.#connection();
    const url = `${this.server}${path}`;
    const request = url.startsWith("https:") ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const call = request(
        url,
        {
          ...options,
          headers: { ...headers, Accept: accept },
          timeout: idleSeconds * 1000,
          ...(signal === undefined ? {} : { signal }),
        },
        (response) => {
          const { statusCode = 0 } = response;
          if (statusCode === 200 || statusCode === 404) return resolve(response);
          response.resume();
          const after = Number(response.headers["retry-after"]);
          reject(new KubeApiError(String(statusCode), Number.isFinite(after) ? after : undefined));
        },
      );
      // A watch is silent for minutes, and one whose server is gone should not be so for ever.
      call.setSocketKeepAlive(true, KEEP_ALIVE_MILLISECONDS);
      call.on("timeout", () => call.destroy(new KubeApiError("no answer")));
      call.on("error", (error) => reject(told(error)));
      call.end();
    });
  }

  /** Tokens in files are renewed while a daemon runs. */
  async #connection(): Promise<RequestOptions> {
    const now = Date.now();
    if (this.#options === undefined || this.#options.until < now) {
      const value: RequestOptions = { headers: {} };
      try {
        await this.apply(value);
      } catch (error) {
        throw unusable(error);
      }
      this.#options = { value, until: now + FRESH_MILLISECONDS };
    }
    return this.#options.value;
  }
}

async function* chunksOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
  } catch (error) {
    throw told(error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeApiError("no JSON");
  }
}

/** A kubeconfig's user is made of files and of the answers of a program, which is often not installed. */
function unusable(error: unknown): KubeApiError {
  const { code, path, syscall = "" } = error as NodeJS.ErrnoException;
  if (code === undefined || path === undefined) {
    // Its message may hold what the program has printed.
    const mend = "see whether kubectl is let in with the same context";
    return new KubeApiError("no use of the kubeconfig's server or user", undefined, mend);
  }
  if (syscall.startsWith("spawn")) {
    const what = `the kubeconfig's program for credentials, ${printable(path)}, cannot be run: ${code}`;
    return new KubeApiError(what, undefined, "install it, or name another context with --context");
  }
  const what = `the kubeconfig's file ${printable(path)} cannot be read: ${code}`;
  return new KubeApiError(what, undefined, "see the user and the cluster of this context");
}

/** Says what failed by its code: messages may repeat headers and bodies. */
function told(error: unknown): KubeApiError {
  if (error instanceof KubeApiError) return error;
  const { code } = error as { readonly code?: unknown };
  return new KubeApiError(typeof code === "string" ? code : "no answer");
}

import { Agent, request } from "node:https";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface HttpsRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A client of one server of the bed: it trusts the bed's authority and nobody else. */
export class HttpsClient {
  readonly #agent: Agent;

  constructor(
    readonly origin: string,
    identity: { readonly ca: string; readonly cert?: string; readonly key?: string },
  ) {
    this.#agent = new Agent({ keepAlive: true, ...identity });
  }

  send(path: string, options: HttpsRequest = {}): Promise<Answer> {
    const { method = "GET", headers = {}, body } = options;
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, this.origin),
        {
          method,
          agent: this.#agent,
          timeout: 30_000,
          headers: {
            ...(content && {
              "content-type": "application/json",
              "content-length": content.length,
            }),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming
            .on("data", (chunk: Buffer) => chunks.push(chunk))
            .on("error", reject)
            .on("end", () =>
              resolve({
                status: incoming.statusCode ?? 0,
                body: Buffer.concat(chunks).toString("utf8"),
              }),
            );
        },
      );
      outgoing
        .on("timeout", () => outgoing.destroy(new Error(`${method} ${path} took over 30 s`)))
        .on("error", (error: NodeJS.ErrnoException) => {
          // The server had closed a connection that nobody had used for a while.
          if (outgoing.reusedSocket && error.code === "ECONNRESET") {
            this.send(path, options).then(resolve, reject);
          } else {
            reject(error);
          }
        })
        .end(content);
    });
  }

  /** @throws Error for a status other than 2xx. */
  async json<Body>(path: string, options: HttpsRequest = {}): Promise<Body> {
    return parsed(await this.send(path, options), path, options);
  }

  /** {@link json}, and undefined for 404. */
  async found<Body>(path: string, options: HttpsRequest = {}): Promise<Body | undefined> {
    const answer = await this.send(path, options);
    return answer.status === 404 ? undefined : parsed(answer, path, options);
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parsed<Body>({ status, body }: Answer, path: string, { method }: HttpsRequest): Body {
  if (status < 200 || status > 299) {
    throw new Error(`${method ?? "GET"} ${path} answered ${status}: ${body}`);
  }
  return (body === "" ? undefined : JSON.parse(body)) as Body;
}

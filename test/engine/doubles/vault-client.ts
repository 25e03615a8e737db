import { readFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { RequestOptions } from "node:https";

/** The provider's configuration, under the names of `vault.ProviderArgs`. */
export type VaultConfig = Readonly<Record<string, string>>;

export type Json = Readonly<Record<string, unknown>>;

/** What Vault answered instead of doing it. */
export class VaultAnswerError extends Error {
  constructor(
    readonly status: number,
    readonly reasons: readonly string[],
    message: string,
  ) {
    super(message);
  }
}

/**
 * Requests to a Vault or OpenBao server, as the genuine provider makes them: with a token of its own
 * of 20 minutes that it derives from the given one at the first request, unless `skipChildToken` is
 * set (hashicorp/terraform-provider-vault, internal/provider/meta.go). Nothing is requested twice:
 * the genuine one repeats what failed for the connection.
 */
export class VaultClient {
  readonly #config: VaultConfig;
  readonly #environment: NodeJS.ProcessEnv;
  #token: Promise<string> | undefined;

  constructor(config: VaultConfig, environment: NodeJS.ProcessEnv = process.env) {
    this.#config = config;
    this.#environment = environment;
  }

  /** @returns undefined if there is nothing at the path. */
  async read(path: string): Promise<Json | undefined> {
    try {
      return await this.request("GET", path);
    } catch (error) {
      if (error instanceof VaultAnswerError && error.status === 404) return undefined;
      throw error;
    }
  }

  /**
   * @param path below `v1/`
   * @throws VaultAnswerError for an answer that is no success, Error if there is none; no message
   * repeats a token.
   */
  async request(method: string, path: string, body?: Json): Promise<Json> {
    this.#token ??= this.#logIn();
    return this.#send(method, path, await this.#token, body);
  }

  async #logIn(): Promise<string> {
    const token = this.#setting("token", "VAULT_TOKEN");
    if (token === undefined) throw new Error("no vault token set on Client");
    await this.#send("GET", "auth/token/lookup-self", token);
    if (this.#setting("skipChildToken", "TERRAFORM_VAULT_SKIP_CHILD_TOKEN") === "true")
      return token;
    const ttl = `${this.#setting("maxLeaseTtlSeconds", "TERRAFORM_VAULT_MAX_TTL") ?? 1200}s`;
    const { auth } = await this.#send("POST", "auth/token/create", token, {
      display_name: this.#setting("tokenName", "VAULT_TOKEN_NAME") ?? "terraform",
      ttl,
      explicit_max_ttl: ttl,
      renewable: false,
    });
    return (auth as { readonly client_token: string }).client_token;
  }

  async #send(method: string, path: string, token: string, body?: Json): Promise<Json> {
    const address = this.#setting("address", "VAULT_ADDR");
    if (address === undefined) throw new Error("failed to configure Vault address");
    const url = new URL(`${address.replace(/\/+$/, "")}/v1/${path}`);
    const namespace = this.#setting("namespace", "VAULT_NAMESPACE");
    const headers = {
      "x-vault-token": token,
      "x-vault-request": "true",
      ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }),
    };
    const options = { method, headers, ...this.#tls(url) };
    const answer = await exchange(url, options, body).catch((error: Error) => {
      throw new Error(`${method} ${url.href}: ${error.message.replaceAll(token, "<REDACTED>")}`);
    });
    if (answer.status < 300) return answer.body;
    const reasons = ((answer.body["errors"] ?? []) as string[]).map((reason) =>
      reason.replaceAll(token, "<REDACTED>"),
    );
    const lines = reasons.map((reason) => `* ${reason}`).join("\n");
    throw new VaultAnswerError(
      answer.status,
      reasons,
      `Error making API request.\n\nURL: ${method} ${url.href}\nCode: ${answer.status}. Errors:\n\n${lines}`,
    );
  }

  #tls({ protocol }: URL): RequestOptions {
    const authority = this.#setting("caCertFile", "VAULT_CACERT");
    if (protocol !== "https:") return {};
    return {
      ...(authority === undefined ? {} : { ca: readFileSync(authority) }),
      rejectUnauthorized: this.#setting("skipTlsVerify", "VAULT_SKIP_VERIFY") !== "true",
    };
  }

  /** An argument of the provider, or else an environment variable; empty is as good as none. */
  #setting(name: string, variable: string): string | undefined {
    return this.#config[name] || this.#environment[variable] || undefined;
  }
}

function exchange(
  url: URL,
  options: RequestOptions,
  body: Json | undefined,
): Promise<{ status: number; body: Json }> {
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode!, body: jsonIn(text) });
      });
    });
    request.once("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function jsonIn(text: string): Json {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { errors: ["the answer is no JSON"] };
  }
}

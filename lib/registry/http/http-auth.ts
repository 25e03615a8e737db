import { z } from "zod";
import { parseJson } from "../../support/parse-json";
import { Secret } from "../../support/secret";

/** A user of a registry. */
export interface PasswordCredentials {
  readonly username: string;
  readonly password: Secret;
}

/** A long-lived token that the registry's token server gives short-lived ones for (OAuth 2). */
export interface TokenCredentials {
  readonly identityToken: Secret;
}

export type Credentials = PasswordCredentials | TokenCredentials;

/** Finds the user for a repository; undefined for anonymous. It is asked only if the registry wants one. */
export type CredentialsOf = (repository: string) => Promise<Credentials | undefined>;

/** What a registry wants before it answers (RFC 9110 section 11.6.1). */
export type Challenge = { readonly scheme: "basic" } | BearerChallenge;

export interface BearerChallenge {
  readonly scheme: "bearer";
  /** Address of the token server. */
  readonly realm: string;
  readonly service?: string;
}

const BEARER = /^bearer\s+(.*)$/is;
const PARAMETER = /([a-z]+)="([^"]*)"/gi;

/** Reads a WWW-Authenticate header; undefined if it asks for neither Basic nor Bearer. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined) return undefined;
  const bearer = BEARER.exec(header);
  if (bearer === null) return /^basic\b/i.test(header) ? { scheme: "basic" } : undefined;
  const parameters = new Map<string, string>();
  for (const [, name = "", value = ""] of (bearer[1] ?? "").matchAll(PARAMETER)) {
    parameters.set(name.toLowerCase(), value);
  }
  const realm = parameters.get("realm");
  const service = parameters.get("service");
  if (realm === undefined) return undefined;
  return { scheme: "bearer", realm, ...(service === undefined ? {} : { service }) };
}

/** The value of an Authorization header for Basic (RFC 7617). */
export function basicAuthorization({ username, password }: PasswordCredentials): Secret {
  const pair = `${username}:${password.reveal()}`;
  return Secret.of(`Basic ${Buffer.from(pair, "utf8").toString("base64")}`);
}

/**
 * The address of a challenge's token server.
 *
 * @returns undefined if the realm is no URL, or an unencrypted one where encryption is required.
 */
export function tokenServer(challenge: BearerChallenge, plainHttp: boolean): URL | undefined {
  if (!URL.canParse(challenge.realm)) return undefined;
  const url = new URL(challenge.realm);
  const encrypted = url.protocol === "https:" || (plainHttp && url.protocol === "http:");
  // Node would send a user that stands in an address as credentials.
  return encrypted && url.username === "" && url.password === "" ? url : undefined;
}

/**
 * The URL to ask for a token. Source: distribution docs, "Token Authentication Specification".
 *
 * @param scope one, or several with a blank between them.
 */
export function tokenUrl(server: URL, { service }: BearerChallenge, scope: string): URL {
  const url = new URL(server);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const each of scope.split(" ")) url.searchParams.append("scope", each);
  return url;
}

/**
 * The form that asks for a token with an identity token. Source: distribution docs, "Oauth2 Token
 * Authentication".
 */
export function tokenForm(
  { service }: BearerChallenge,
  scope: string,
  { identityToken }: TokenCredentials,
): Secret {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: "atom-selfhost",
    scope,
    refresh_token: identityToken.reveal(),
  });
  if (service !== undefined) form.set("service", service);
  return Secret.of(form.toString());
}

export interface Token {
  readonly value: Secret;
  /** How long it holds, in seconds. */
  readonly lifetime: number;
}

/** The token in a token server's answer: `token`, or `access_token` as OAuth 2 has it. */
export function readToken(body: Uint8Array): Token | undefined {
  const result = tokenSchema.safeParse(parseJson(body));
  if (!result.success) return undefined;
  const { token, access_token: accessToken, expires_in: lifetime } = result.data;
  const value = token ?? accessToken;
  return value === undefined ? undefined : { value: Secret.of(value), lifetime };
}

const tokenSchema = z.object({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
  // The specification's default, also for what is no number.
  expires_in: z.number().positive().catch(60),
});

import { z } from "zod";
import { Secret } from "../support/secret";

/** A user of a registry. */
export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

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
export function basicAuthorization({ username, password }: Credentials): Secret {
  const pair = `${username}:${password.reveal()}`;
  return Secret.of(`Basic ${Buffer.from(pair, "utf8").toString("base64")}`);
}

/**
 * The URL to ask for a token. Source: distribution docs, "Token Authentication Specification".
 *
 * @returns undefined if the realm is no URL, or an unencrypted one where encryption is required.
 */
export function tokenUrl(
  challenge: BearerChallenge,
  scope: string,
  plainHttp: boolean,
): URL | undefined {
  if (!URL.canParse(challenge.realm)) return undefined;
  const url = new URL(challenge.realm);
  if (url.protocol !== "https:" && !(plainHttp && url.protocol === "http:")) return undefined;
  if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
  url.searchParams.set("scope", scope);
  return url;
}

/** The token in a token server's answer: `token`, or `access_token` as OAuth 2 has it. */
export function readToken(body: Uint8Array): Secret | undefined {
  const result = tokenSchema.safeParse(parseOrUndefined(body));
  if (!result.success) return undefined;
  const value = result.data.token ?? result.data.access_token;
  return value === undefined ? undefined : Secret.of(value);
}

const tokenSchema = z.object({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
});

function parseOrUndefined(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

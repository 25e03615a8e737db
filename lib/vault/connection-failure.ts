import type { Hindrance } from "./vault-error";

/** What to do about a certificate that is not trusted, by OpenSSL's word for it as Node passes it on. */
const UNTRUSTED: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "renew its certificate"],
  ["CERT_NOT_YET_VALID", "see that the clocks of both machines are right"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "use the name that its certificate is for"],
  ...[
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ].map((code) => [code, "name its authority's file in NODE_EXTRA_CA_CERTS"] as const),
]);

const RUNS = "see that it runs and that this machine may call it";

/**
 * Why a connection failed, by the system's or OpenSSL's code for it. Node's own message is left out: a
 * proxy's may hold anything.
 *
 * @param error what `fetch` threw.
 * @param addressMend where the address can be mended.
 */
export function connectionFailure({ cause }: TypeError, addressMend: string): Hindrance {
  const code = codeOf(cause);
  const told = code === undefined ? "" : ` (${code})`;
  const untrusted = UNTRUSTED.get(code ?? "");
  if (untrusted !== undefined) {
    return { why: `its certificate is not trusted${told}`, mend: untrusted };
  }
  if (code?.startsWith("ERR_SSL_")) {
    const mend = `write http:// if it is a Vault on this machine without TLS, or ${addressMend}`;
    return { why: `what answers there does not speak TLS${told}`, mend };
  }
  const why = code === "ECONNREFUSED" ? "nothing listens there" : "the connection failed";
  return { why: `${why}${told}`, mend: `${RUNS}, or ${addressMend}` };
}

function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return undefined;
  const { code } = cause;
  return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : undefined;
}

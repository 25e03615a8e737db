import { expect, test } from "vitest";
import { connectionFailure } from "../../lib/vault/connection-failure";

const failed = (cause: unknown) =>
  connectionFailure(new TypeError("fetch failed", { cause }), "correct its address");

const RUNS = "see that it runs and that this machine may call it, or correct its address";

test.each([
  ["ECONNREFUSED", "nothing listens there (ECONNREFUSED)", RUNS],
  ["ENOTFOUND", "the connection failed (ENOTFOUND)", RUNS],
  ["UND_ERR_SOCKET", "the connection failed (UND_ERR_SOCKET)", RUNS],
  [
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "what answers there does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER)",
    "write http:// if it is a Vault on this machine without TLS, or correct its address",
  ],
  [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)",
    "name its authority's file in NODE_EXTRA_CA_CERTS",
  ],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "its certificate is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)",
    "use the name that its certificate is for",
  ],
])("%s is told in words, with a mend", (code, why, mend) => {
  expect(failed(Object.assign(new Error("canary"), { code }))).toEqual({ why, mend });
});

test.each([undefined, null, "ECONNREFUSED", new Error("canary"), { code: "canary: a text" }])(
  "a cause without a code, %j, is not repeated",
  (cause) => {
    expect(failed(cause)).toEqual({ why: "the connection failed", mend: RUNS });
  },
);

import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { printable } from "../../lib/support/printable";
import { looksSecret, withoutSecrets } from "../../lib/support/secret-text";

const HEX = "0123456789abcdef".repeat(4);

/** What makes a careless pattern look at the same characters again and again. */
const HOSTILE = [
  "=,a:",
  "=,a@",
  "a:",
  "a:@",
  "=a:=",
  "=",
  "password",
  "password=",
  "password ",
  "--token ",
  "token :",
  "://a:",
  "://@",
  '"password":"\\"',
  '"a" ',
  "-eyJ",
  "-eyJaaaaaaaa.",
  "@a/",
  "x@",
  "@sha256:",
  "-----BEGIN ",
  " ",
  "\n",
];

/** Milliseconds of the fastest of some runs, which nothing else has held up. */
function fastest(run: () => void): number {
  const times = Array.from({ length: 8 }, () => {
    const start = performance.now();
    for (let time = 0; time < 2; time++) run();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** Characters of the longest text that any pattern is held against. */
function longestMatched(run: () => void): number {
  const exec = vi.spyOn(RegExp.prototype, "exec");
  try {
    run();
    return Math.max(...exec.mock.calls.map(([text]) => text.length));
  } finally {
    exec.mockRestore();
  }
}

describe("withoutSecrets", () => {
  test.each([
    ["user:hunter2@registry.example/app:1.0", "<REDACTED>@registry.example/app:1.0"],
    ["user:hunter2@registry.example:5000", "<REDACTED>@registry.example:5000"],
    ["user:hun/ter@2@registry.example/app", "<REDACTED>@registry.example/app"],
    [
      `user:hunter2@registry.example/app@sha256:${HEX}`,
      `<REDACTED>@registry.example/app@sha256:${HEX}`,
    ],
    ["user:hun@sha256:ter2@registry.example/app", "<REDACTED>@registry.example/app"],
    ["hunter2@registry.example/app", "<REDACTED>@registry.example/app"],
    [":hunter2@registry.example/app", "<REDACTED>@registry.example/app"],
    ["https://user:hunter2@host.example/path", "https://<REDACTED>@host.example/path"],
    ["https://user:12345@host.example", "https://<REDACTED>@host.example"],
    ["postgres://hunter2@db/atom", "postgres://<REDACTED>@db/atom"],
    [
      'the image "user:hunter2@registry.example/app" has no digest',
      'the image "<REDACTED>@registry.example/app" has no digest',
    ],
    [
      "Pod tenant-acme/user:hunter2@registry.example/app",
      "Pod tenant-acme/<REDACTED>@registry.example/app",
    ],
    [
      "registry.example/app?access_token=hunter2&tag=1",
      "registry.example/app?access_token=<REDACTED>&tag=1",
    ],
    ["--db-password=hunter2 --level=info", "--db-password=<REDACTED> --level=info"],
    ['api-key="hunter2 hunter3" x', "api-key=<REDACTED> x"],
    ['{"user":"x","dbPassword": "hun\\"ter2"}', '{"user":"x","dbPassword": "<REDACTED>"}'],
    ["a -----BEGIN EC PRIVATE KEY-----\nhunter2", "a <REDACTED>"],
    [`Bearer ${"hunter2".repeat(3)}`, "<REDACTED>"],
    [`ghp_${"a".repeat(40)}.x`, "<REDACTED>.x"],
    ["abcdef.0123456789abcdef", "<REDACTED>"],
    ["Authorization: Basic dTpw", "Authorization: <REDACTED>"],
    ["-H Authorization:Bearer\tdTpw next", "-H Authorization:<REDACTED> next"],
    ['{"auth":"dXNlcjpwYXNz"}', '{"auth":"<REDACTED>"}'],
    ["{'auth': 'dXNlcjpwYXNz', 'x': 1}", "{'auth': '<REDACTED>', 'x': 1}"],
    ["AccountName=a;AccountKey=aHVudGVyMg==", "AccountName=a;AccountKey=<REDACTED>"],
    ["https://a.example/c?sig=hunter2&se=1", "https://a.example/c?sig=<REDACTED>&se=1"],
    ["https://a.example/c?X-Amz-Signature=ab12", "https://a.example/c?X-Amz-Signature=<REDACTED>"],
    ["a sk_live_aaaaaaaaaaaaaaaaaaaaaaaa b", "a <REDACTED> b"],
    ["a sk_test_aaaaaaaaaaaaaaaaaaaaaaaa b", "a <REDACTED> b"],
    ["login --password hunter2 --user me", "login --password <REDACTED> --user me"],
    ['["--password", "hunter2", "-v"]', '["--password", "<REDACTED>", "-v"]'],
    ["password: hunter2", "password: <REDACTED>"],
    ["db_password:\n  'hunter2 hunter3'\nuser: me", "db_password:\n  <REDACTED>\nuser: me"],
    ["password: |\n  hunter2\n  hunter3", "password: <REDACTED>"],
    ["password = hunter2", "password = <REDACTED>"],
    ["token==hunter2", "token=<REDACTED>"],
    ["PGPASSWORD=hunter2 psql", "PGPASSWORD=<REDACTED> psql"],
    ["DB_PASS=hunter2", "DB_PASS=<REDACTED>"],
    ["secret_id=hunter2", "secret_id=<REDACTED>"],
    ["--token=hunter2 --token-file=/x", "--token=<REDACTED> --token-file=/x"],
    ["url=https://host.example?token=hunter2", "url=https://host.example?token=<REDACTED>"],
    ["role=user:hunter2@registry.example/app", "<REDACTED>@registry.example/app"],
    ["oidc:hunter2@registry.example/app", "<REDACTED>@registry.example/app"],
  ])("of %j is %j", (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
    expect(withoutSecrets(expected)).toBe(expected);
  });

  test.each([
    "registry.example:5000/atom/api:7.2.0",
    `registry.example:5000/atom/api:7.2.0@sha256:${HEX}`,
    `api:7.2.0@sha256:${HEX}`,
    "api@sha512:short",
    "https://registry.example:8080/npm/@scope/package",
    "git@github.com/atom/app",
    "me@prod",
    "system:serviceaccount:tenant-acme:default",
    "arn:aws:eks:eu-west-1:1234:cluster/prod",
    'metadata.labels["app.kubernetes.io/name"]',
    'there is no Secret "db-password" in the namespace',
    "registry.example/atom/token-issuer:1.0",
    "--token-file=/var/run/x",
    "--token-file /var/run/x",
    "secretName=acme",
    "secretName: acme",
    '{"secretName":"acme"}',
    "token-service=yes",
    "--authorization-mode=Node,RBAC",
    "automountServiceAccountToken=false",
    "automountServiceAccountToken: false",
    "imagePullSecrets: [{ name: x }]",
    "secrets: get, list",
    "token == other",
    "bypass=x",
    "db:5432/x@y",
    "registry:5000/a@b/c",
    "arn:aws:iam::1:role/x@y",
    "role=arn:aws:iam::1:role/x@y/z",
    "mail: bob@example.com/x",
    "mailto:bob@example.com",
    "oidc:alice@example.com",
  ])("leaves %j as it is", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  test("leaves no random secret in front of a host or behind its name", () => {
    // A port, and what follows a scheme, look as such a beginning does.
    const secret = fc
      .stringMatching(/^[!-~]{6,30}$/)
      .filter((text) => !/^\d{1,5}[/?#]|^\/\/|[&"'\\]/.test(text));
    fc.assert(
      fc.property(secret, fc.nat(4), (text, form) => {
        const whole = [
          `user:${text}@registry.example/app:1.0`,
          `https://user:${text}@registry.example:5000/app`,
          `image is user:${text}@registry.example/app@sha256:${HEX}`,
          `registry.example/app?token=${text}`,
          `{"password":"${text}"}`,
        ][form]!;
        expect(withoutSecrets(whole)).not.toContain(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(HOSTILE)("of %j again and again takes as much longer as it is longer", (piece) => {
    const taken = (length: number) => {
      const text = piece.repeat(length).slice(0, length);
      return fastest(() => void withoutSecrets(text) + String(looksSecret(text)));
    };
    // Eight times the text; what looks at each pair of characters takes 64 times as long.
    expect(taken(8_000) / taken(1_000)).toBeLessThan(24);
  });

  test("holds no more against its patterns than can be told", () => {
    for (const piece of HOSTILE) {
      const text = piece.repeat(100_000);
      // What stands in a secret's place may be longer than it.
      expect(longestMatched(() => withoutSecrets(text))).toBeLessThan(3 * 8_192);
      expect(longestMatched(() => looksSecret(text))).toBeLessThanOrEqual(8_192);
      expect(longestMatched(() => printable(text))).toBeLessThan(3 * 512);
    }
  });
});

test("printable takes a secret out before it cuts the text", () => {
  expect(printable(`${"u".repeat(60)}:hunter2-hunter2-hunter2@registry.example/app`)).toBe(
    '"<REDACTED>@registry.example/app"',
  );
});

test("printable takes a password out whose host stands far behind what is printed", () => {
  const password = "hunter2".repeat(1_000);
  expect(printable(`u:${password}@registry.example/app`)).toBe('"<REDACTED>..."');
  expect(printable(`eyJ${password}.${password}.${password}`)).toBe('"<REDACTED>..."');
  expect(printable("x".repeat(1_000))).toBe(`"${"x".repeat(80)}..."`);
});

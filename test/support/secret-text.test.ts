import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../../lib/support/printable";
import { withoutSecrets } from "../../lib/support/secret-text";

const HEX = "0123456789abcdef".repeat(4);

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
  ])("leaves %j as it is", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  test("leaves no random secret in front of a host or behind its name", () => {
    const secret = fc
      .stringMatching(/^[!-~]{6,30}$/)
      .filter((text) => !/^\d{1,5}[/?#]|[&"'\\]/.test(text));
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

  test.each(["a:", "a:@", "=a:=", "password=", "://a:", '"password":"\\"', "eyJ", "@a/", "x@"])(
    "takes little time over %j again and again",
    (piece) => {
      const start = performance.now();
      expect(withoutSecrets(piece.repeat(1_000_000)).length).toBeLessThan(20_000);
      expect(performance.now() - start).toBeLessThan(1_000);
    },
  );
});

test("printable takes a secret out before it cuts the text", () => {
  expect(printable(`${"u".repeat(60)}:hunter2-hunter2-hunter2@registry.example/app`)).toBe(
    '"<REDACTED>@registry.example/app"',
  );
});

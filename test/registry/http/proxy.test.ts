import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proxiesOf } from "../../../lib/registry/http/proxy";
import { UsageError } from "../../../lib/support/problem";

const PROXY = "http://proxy.example:3128";

function through(address: string, environment: Record<string, string>): string | undefined {
  return proxiesOf(environment)(new URL(address))?.origin;
}

test.each([
  ["HTTPS_PROXY", "https://ghcr.io/"],
  ["https_proxy", "https://ghcr.io/"],
  ["HTTP_PROXY", "http://ghcr.io/"],
  ["http_proxy", "http://ghcr.io/"],
])("%s leads to %s and to nothing of the other scheme", (name, address) => {
  expect(through(address, { [name]: PROXY })).toBe(PROXY);
  const other = address.startsWith("https") ? "http://ghcr.io/" : "https://ghcr.io/";
  expect(through(other, { [name]: PROXY })).toBeUndefined();
});

test.each([
  ["proxy.example:3128", PROXY],
  ["https://proxy.example", "https://proxy.example"],
  ["", undefined],
])("a proxy %j is %s", (value, expected) => {
  expect(through("https://ghcr.io/", { HTTPS_PROXY: value })).toBe(expected);
});

test.each(["socks5://proxy:1080", "http://user:canary-password@", "::"])(
  "fails for the proxy %j, without repeating it",
  (value) => {
    const read = () => proxiesOf({ HTTPS_PROXY: value });
    expect(read).toThrow(UsageError);
    expect(read).toThrow(/HTTPS_PROXY: is no address of an HTTP proxy; write http:\/\/host:port$/);
    expect(read).not.toThrow(/canary|socks5|::/);
  },
);

test.each([
  "https://localhost:5000/",
  "https://127.0.0.1/",
  "https://127.9.9.9:1/",
  "https://[::1]:5000/",
])("%s is this machine: it needs no proxy", (address) => {
  expect(through(address, { HTTPS_PROXY: PROXY })).toBeUndefined();
});

describe("NO_PROXY", () => {
  test.each([
    ["*", "https://ghcr.io/", true],
    ["", "https://ghcr.io/", false],
    ["ghcr.io", "https://ghcr.io/", true],
    ["GHCR.io", "https://ghcr.io/", true],
    ["ghcr.io", "https://pkg.ghcr.io/", true],
    ["ghcr.io", "https://notghcr.io/", false],
    ["ghcr.io", "https://ghcr.io.evil.example/", false],
    [".ghcr.io", "https://ghcr.io/", false],
    [".ghcr.io", "https://pkg.ghcr.io/", true],
    ["*.ghcr.io", "https://pkg.ghcr.io/", true],
    ["other.example, ghcr.io ,", "https://ghcr.io/", true],
    ["ghcr.io:443", "https://ghcr.io/", true],
    ["ghcr.io:5000", "https://ghcr.io/", false],
    ["registry:5000", "https://registry:5000/", true],
    ["10.1.2.3", "https://10.1.2.3:5000/", true],
    ["10.1.2.3:5000", "https://10.1.2.3:5000/", true],
    ["10.1.2.3:5001", "https://10.1.2.3:5000/", false],
    ["1.2.3", "https://10.1.2.3/", false],
    ["10.0.0.0/8", "https://10.255.0.1/", true],
    ["10.0.0.0/8", "https://11.0.0.1/", false],
    ["10.0.0.0/8", "https://ghcr.io/", false],
    ["10.0.0.0/99", "https://10.0.0.1/", false],
    ["fd00::/8", "https://[fd00::1]/", true],
    ["fd00::1", "https://[fd00::1]/", true],
    ["[fd00::1]:5000", "https://[fd00::1]:5000/", true],
    ["fd00::1", "https://[fd00::2]/", false],
  ])("%j exempts %s: %s", (value, address, exempt) => {
    const found = through(address, { HTTPS_PROXY: PROXY, NO_PROXY: value });
    expect(found).toBe(exempt ? undefined : PROXY);
    expect(through(address, { https_proxy: PROXY, no_proxy: value })).toBe(found);
  });

  test("takes any text, and exempts nobody by accident", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.split(",").some((entry) => ["*", "ghcr.io"].includes(entry.trim())));
        fc.pre(!/ghcr\.io|\bio\b|\*/i.test(text));
        expect(through("https://ghcr.io/", { HTTPS_PROXY: PROXY, NO_PROXY: text })).toBe(PROXY);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor, SHORTEST_REDACTED } from "../../lib/support/redactor";
import { REDACTED, Secret } from "../../lib/support/secret";

function redactorOf(...values: string[]): Redactor {
  const redactor = new Redactor();
  values.forEach((value) => redactor.add(Secret.of(value)));
  return redactor;
}

const value = 'p4$$w0rd (.*)+\\ "quoted" ä/?';
const bytes = Buffer.from(value);

describe("a redactor takes out", () => {
  test.each<[string, string]>([
    ["the value", value],
    ["base64", bytes.toString("base64")],
    ["base64url", bytes.toString("base64url")],
    ["hex", bytes.toString("hex")],
    ["upper-case hex", bytes.toString("hex").toUpperCase()],
    ["a URL's form", encodeURIComponent(value)],
    ["a form's form", new URLSearchParams({ "": value }).toString().slice(1)],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["JSON in JSON", JSON.stringify(JSON.stringify(value).slice(1, -1)).slice(1, -1)],
  ])("%s", (_, form) => {
    expect(redactorOf(value).redact(`before ${form} after ${form}`)).toBe(
      `before ${REDACTED} after ${REDACTED}`,
    );
  });

  test("each line of a key", () => {
    const pem = "-----BEGIN KEY-----\nQUJDREVGRw\nSElKS0xNTg\n-----END KEY-----\n";
    expect(redactorOf(pem).redact("it is QUJDREVGRw and\r\n  SElKS0xNTg")).toBe(
      `it is ${REDACTED} and\r\n  ${REDACTED}`,
    );
  });

  test("base64 in the middle of more base64, whatever stands before it", () => {
    for (const before of ["", "u", "us", "use"]) {
      const text = Buffer.from(`${before}:hunter2-canary-value`).toString("base64");
      const kept = Buffer.from(redactorOf("hunter2-canary-value").redact(text), "base64");
      expect(kept.toString("latin1")).not.toContain("canary");
    }
  });

  test("a secret within a secret whole", () => {
    expect(redactorOf("canary", "canary-long").redact("a canary-long b")).toBe(`a ${REDACTED} b`);
  });

  test("any value from any text, and nothing else", () => {
    const secret = fc
      .string({ unit: "grapheme", minLength: SHORTEST_REDACTED })
      .filter((s) => s.trim() === s);
    fc.assert(
      fc.property(secret, fc.string({ maxLength: 5 }), (text, around) => {
        fc.pre(!REDACTED.includes(text));
        const redacted = redactorOf(text).redact(`${around}\u0001${text}\u0001${around}`);
        expect(redacted).toBe(`${around}\u0001${REDACTED}\u0001${around}`);
      }),
    );
  });
});

test("a redactor says that a value is too short to be searched for", () => {
  const redactor = new Redactor();
  expect(redactor.add(Secret.of("short"))).toBe(false);
  expect(redactor.redact("a short text")).toBe("a short text");
  expect(redactor.add(Secret.of("longer"))).toBe(true);
});

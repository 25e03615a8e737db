import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ecdsaSignatureFault } from "../../lib/signing/ecdsa-der";
import { generateSigningKey } from "../../lib/signing/key";

function integer(...bytes: number[]): number[] {
  return [2, bytes.length, ...bytes];
}

function sequence(...content: number[]): Uint8Array {
  return Uint8Array.from([0x30, content.length, ...content]);
}

const order = [
  ...Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex"),
];
const ORDER = BigInt(`0x${Buffer.from(order).toString("hex")}`);
const one = integer(1);

describe("ecdsaSignatureFault", () => {
  test("accepts what a key makes, whatever the message", () => {
    const key = generateSigningKey();
    fc.assert(
      fc.property(fc.uint8Array(), (message) => {
        expect(ecdsaSignatureFault(key.sign(message))).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test("accepts the smallest and the largest r and s", () => {
    const last = integer(0, ...order.slice(0, -1), 0x50);
    expect(ecdsaSignatureFault(sequence(...one, ...one))).toBeUndefined();
    expect(ecdsaSignatureFault(sequence(...last, ...last))).toBeUndefined();
  });

  test.each([
    ["r is 0", sequence(...integer(0), ...one), "its r or s is 0"],
    ["s is 0", sequence(...one, ...integer(0)), "its r or s is 0"],
    [
      "r is the order",
      sequence(...integer(0, ...order), ...one),
      "its r or s is not below the order",
    ],
    [
      "s is the order",
      sequence(...one, ...integer(0, ...order)),
      "its r or s is not below the order",
    ],
    [
      "trailing bytes outside",
      Uint8Array.from([...sequence(...one, ...one), 0]),
      "the length of its ASN.1 sequence is wrong",
    ],
    ["trailing bytes inside", sequence(...one, ...one, 0), "bytes follow its s"],
    ["a third integer", sequence(...one, ...one, ...one), "bytes follow its s"],
    ["a negative r", sequence(...integer(0x80), ...one), "its r is no ASN.1 integer in DER"],
    ["a padded s", sequence(...one, ...integer(0, 1)), "its s is no ASN.1 integer in DER"],
    ["an empty r", sequence(2, 0, ...one), "its r is no ASN.1 integer in DER"],
    ["an s that runs out", sequence(...one, 2, 9, 1), "its s is no ASN.1 integer in DER"],
    [
      "a long-form length",
      Uint8Array.from([0x30, 0x81, 6, ...one, ...one]),
      "the length of its ASN.1 sequence is wrong",
    ],
    ["no sequence", Uint8Array.from(one), "it is no ASN.1 sequence"],
    ["nothing", new Uint8Array(), "it is no ASN.1 sequence"],
    [
      "huge ASN.1",
      new Uint8Array(1 << 20).fill(0x30),
      "it has 1048576 bytes, at most 72 are allowed",
    ],
  ])("fails for %s", (_, bytes, fault) => {
    expect(ecdsaSignatureFault(bytes)).toBe(fault);
  });

  test("accepts every r and s below the order in DER, and no change of their framing", () => {
    const below = fc.bigInt({ min: 1n, max: ORDER - 1n });
    fc.assert(
      fc.property(below, below, fc.nat({ max: 255 }), (r, s, byte) => {
        const bytes = sequence(...der(r), ...der(s));
        expect(ecdsaSignatureFault(bytes)).toBeUndefined();
        for (const at of [0, 1, 2, 3]) {
          if (bytes[at] === byte) continue;
          expect(ecdsaSignatureFault(bytes.with(at, byte))).toBeDefined();
        }
      }),
    );
  });
});

/** An INTEGER in DER, written independently of the reader. */
function der(value: bigint): number[] {
  const hex = value.toString(16);
  const bytes = [...Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex")];
  return integer(...(bytes[0]! >= 0x80 ? [0] : []), ...bytes);
}

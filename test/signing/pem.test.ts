import fc from "fast-check";
import { expect, test } from "vitest";
import { pemContent, pemLabel, toPem } from "../../lib/signing/pem";

test("a PEM block gives back its label and its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500, size: "max" }), (bytes) => {
      const pem = toPem("ENCRYPTED SIGSTORE PRIVATE KEY", bytes);
      expect(pemLabel(pem)).toBe("ENCRYPTED SIGSTORE PRIVATE KEY");
      expect(pemContent(pem)).toEqual(Buffer.from(bytes));
      expect(
        Math.max(
          ...pem
            .split("\n")
            .slice(1, -2)
            .map((line) => line.length),
        ),
      ).toBeLessThan(65);
    }),
  );
});

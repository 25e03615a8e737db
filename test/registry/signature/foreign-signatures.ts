import { generateSigningKey, readPrivateKey } from "../../../lib/signing/key";
import { COSIGN_KEY, COSIGN_PASSWORD } from "../../signing/cosign-made";
import { derOf, integer, P256_ORDER, partsOf, sequence } from "../../signing/ecdsa-parts";

/** What somebody left in a registry as an image's signatures, and what becomes of it. */
export interface ForeignSignatures<T> {
  readonly title: string;
  readonly signatures: readonly T[];
  /** Why we refuse it; true if we do not. */
  readonly refused: RegExp | true;
  /** Whether cosign 3.0.2 takes it with the same key, without a transparency log. */
  readonly cosign: boolean;
}

/** Who signs in these cases. */
export const SIGNERS = {
  trusted: readPrivateKey(COSIGN_KEY, COSIGN_PASSWORD),
  other: generateSigningKey(),
};

export const NOT_BY = /^the signature was not made by a trusted key over these bytes$/;
const MALFORMED = /^the signature is malformed: /;
const NO_BASE64 = /^the signature is not base64$/;

/** Changes of a base64 signature that is good otherwise: the same in both forms. */
export const SIGNATURES: readonly {
  readonly title: string;
  readonly change: (signature: string) => string;
  readonly refused: RegExp | true;
  readonly cosign: boolean;
}[] = [
  { title: "as it is", change: (same) => same, refused: true, cosign: true },
  {
    title: "forged",
    change: inParts(({ r, s }) => derOf({ r, s: s === 1n ? 2n : s - 1n })),
    refused: NOT_BY,
    cosign: false,
  },
  {
    title: "with a high s",
    change: inParts(({ r, s }) => derOf({ r, s: s > P256_ORDER / 2n ? s : P256_ORDER - s })),
    refused: true,
    cosign: true,
  },
  {
    title: "with a low s",
    change: inParts(({ r, s }) => derOf({ r, s: s > P256_ORDER / 2n ? P256_ORDER - s : s })),
    refused: true,
    cosign: true,
  },
  refusedByBoth("with trailing bytes", (der) => Buffer.concat([der, Buffer.from([0])])),
  refusedByBoth("with trailing bytes inside", (der) => sequence(der.subarray(2), Buffer.from([0]))),
  refusedByBoth("with a padded r", (der) => {
    const { r, s } = partsOf(der);
    const padded = integer(r);
    const content = Buffer.concat([Buffer.from([0, 0]), padded.subarray(2)]);
    return sequence(Buffer.concat([Buffer.from([2, content.length]), content]), integer(s));
  }),
  refusedByBoth("with a length in the long form", (der) =>
    Buffer.concat([Buffer.from([0x30, 0x81, der.length - 2]), der.subarray(2)]),
  ),
  refusedByBoth("with r = 0", (der) => derOf({ ...partsOf(der), r: 0n })),
  refusedByBoth("with s = 0", (der) => derOf({ ...partsOf(der), s: 0n })),
  refusedByBoth("with r and s = 0", () => derOf({ r: 0n, s: 0n })),
  refusedByBoth("with s beyond the order", (der) => {
    const { r, s } = partsOf(der);
    return sequence(integer(r), integer(s + P256_ORDER));
  }),
  refusedByBoth("of 16 KiB of ASN.1", () => Buffer.alloc(16 * 1024, 0x30)),
  // cosign also takes r and s one after the other, as hardware tokens give them.
  {
    title: "in 64 plain bytes instead of DER",
    change: inParts(({ r, s }) =>
      Buffer.from([r, s].map((part) => part.toString(16).padStart(64, "0")).join(""), "hex"),
    ),
    refused: MALFORMED,
    cosign: true,
  },
  { title: "in no base64", change: (text) => `${text}!`, refused: NO_BASE64, cosign: false },
  // Go's decoder skips line ends. There are four because that of bundles counts characters first.
  {
    title: "with line ends after its base64",
    change: (text) => `${text}\n\n\n\n`,
    refused: NO_BASE64,
    cosign: true,
  },
];

function inParts(change: (parts: { r: bigint; s: bigint }) => Buffer) {
  return (signature: string) =>
    change(partsOf(Buffer.from(signature, "base64"))).toString("base64");
}

function refusedByBoth(title: string, change: (der: Buffer) => Buffer) {
  return {
    title,
    change: (signature: string) => change(Buffer.from(signature, "base64")).toString("base64"),
    refused: MALFORMED,
    cosign: false,
  };
}

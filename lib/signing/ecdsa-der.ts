/** The order n of the curve P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3). */
const P256_ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/** SEQUENCE header, and twice a header, a sign byte and 32 bytes. */
const LONGEST = 2 + 2 * (2 + 1 + 32);

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * Why bytes are no ECDSA P-256 signature in strict DER (RFC 3279 section 2.2.3: a SEQUENCE of the
 * INTEGERs r and s), or undefined if they are. Refused: lengths that are not the shortest, padded
 * or negative integers, trailing bytes, and r or s outside 1..n-1. A high s is accepted, as Go's
 * crypto/ecdsa and so cosign accept it.
 */
export function ecdsaSignatureFault(bytes: Uint8Array): string | undefined {
  if (bytes.length > LONGEST) return `it has ${bytes.length} bytes, at most ${LONGEST} are allowed`;
  if (bytes[0] !== SEQUENCE) return "it is no ASN.1 sequence";
  if (bytes[1] !== bytes.length - 2) return "the length of its ASN.1 sequence is wrong";
  const r = readInteger(bytes, 2);
  if (r === undefined) return "its r is no ASN.1 integer in DER";
  const s = readInteger(bytes, r.end);
  if (s === undefined) return "its s is no ASN.1 integer in DER";
  if (s.end !== bytes.length) return "bytes follow its s";
  if (r.value === 0n || s.value === 0n) return "its r or s is 0";
  if (r.value >= P256_ORDER || s.value >= P256_ORDER) return "its r or s is not below the order";
  return undefined;
}

function readInteger(bytes: Uint8Array, start: number): { value: bigint; end: number } | undefined {
  const length = bytes[start + 1];
  if (bytes[start] !== INTEGER || length === undefined || length === 0) return undefined;
  const end = start + 2 + length;
  const content = bytes.subarray(start + 2, end);
  if (content.length !== length) return undefined;
  const [first = 0, second = 0] = content;
  const negative = (first & 0x80) !== 0;
  const padded = first === 0 && length > 1 && (second & 0x80) === 0;
  if (negative || padded) return undefined;
  return { value: BigInt(`0x${Buffer.from(content).toString("hex")}`), end };
}

/** The order of P-256, and its signatures taken apart and put together, independently of the library. */
export const P256_ORDER = BigInt(
  "0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
);

export interface EcdsaParts {
  readonly r: bigint;
  readonly s: bigint;
}

/** Takes a signature in DER apart. */
export function partsOf(der: Buffer): EcdsaParts {
  const rEnd = 4 + der[3]!;
  const number = (bytes: Buffer) => BigInt(`0x${bytes.toString("hex")}`);
  return { r: number(der.subarray(4, rEnd)), s: number(der.subarray(rEnd + 2)) };
}

/** A signature in DER. */
export function derOf({ r, s }: EcdsaParts): Buffer {
  return sequence(integer(r), integer(s));
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
}

export function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  const content = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([2, content.length]), content]);
}

import { randomBytes } from "node:crypto";
import type * as X509 from "@peculiar/x509";

/** The X.509 library, loaded when the first node joins: it costs a tenth of a second. */
export async function loadX509(): Promise<typeof X509> {
  // `tsyringe`, below it, asks for the metadata proposal's functions and does not bring them.
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** Both sides sign with ECDSA P-256 and SHA-256. */
export const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
export const SIGNATURE_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

/** 126 random bits, positive and 16 bytes long (RFC 5280, section 4.1.2.2). */
export function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x01;
  return bytes.toString("hex");
}

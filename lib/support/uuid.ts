import { createHash } from "node:crypto";

/**
 * A UUID of version 5 (RFC 9562, section 5.5): the same name in the same namespace gives the same
 * UUID, on every machine.
 *
 * @param namespace a UUID.
 */
export function uuidOf(namespace: string, name: string): string {
  const space = Buffer.from(namespace.replaceAll("-", ""), "hex");
  const bytes = createHash("sha1").update(space).update(name, "utf8").digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

import { hexOf, sha256 } from "../../support/digest";

/** Hexadecimal digits of an id's SHA-256 that keep two ids apart. */
export const FEWEST_DIGITS = 8;
const HASH = new RegExp(`-([0-9a-f]{${FEWEST_DIGITS},})$`);

/** What the name of a namespace ends in whose tenant's id does not fit into it. */
export function hashSuffix(id: string): string {
  return `-${digits(id).slice(0, FEWEST_DIGITS)}`;
}

/** Whether a name ends in enough of an id's hash, so that it is no other id's. */
export function endsInHash(name: string, id: string): boolean {
  const hash = HASH.exec(name)?.[1];
  return hash !== undefined && digits(id).startsWith(hash);
}

function digits(id: string): string {
  return hexOf(sha256(id));
}

import { BlockList, isIP } from "node:net";
import { remember } from "../../support/remember";

/** A range of addresses. */
export interface AddressBlock {
  /** How many leading bits all its addresses share; 0 holds every address of its family. */
  readonly prefix: number;
  readonly holds: (address: string) => boolean;
}

const CIDR = /^([0-9A-Fa-f:.]+)\/([0-9]{1,3})$/;

/** Reads a CIDR block, of IPv4 or IPv6; undefined if it is none. */
export function parseBlock(cidr: unknown): AddressBlock | undefined {
  return typeof cidr === "string" ? readBlock(cidr) : undefined;
}

const readBlock = remember((cidr): AddressBlock | undefined => {
  const [, address, digits] = CIDR.exec(cidr) ?? [];
  const version = isIP(address ?? "");
  const prefix = Number(digits);
  if (address === undefined || version === 0 || prefix > (version === 4 ? 32 : 128))
    return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix, familyOf(address));
  return { prefix, holds: (other) => list.check(other, familyOf(other)) };
});

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

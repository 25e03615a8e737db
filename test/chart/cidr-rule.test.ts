import { BlockList, isIP } from "node:net";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { CIDR } from "../../lib/chart/cidr-rule";

/** What no range may hold a part of, as base and prefix. */
const FORBIDDEN = [
  ["169.254.0.0", 16],
  ["fe80::", 10],
  ["fd00:ec2::", 32],
  ["fd20:ce::", 32],
  // IPv4 in the form of IPv6, loopback, and NAT64.
  ["::", 16],
  ["64:ff9b::", 32],
] as const;

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

function holds(base: string, prefix: number, address: string): boolean {
  const range = new BlockList();
  range.addSubnet(base, prefix, family(base));
  return range.check(address, family(address));
}

/** Two ranges share an address only if one holds the other's base. */
function isForbidden(address: string, prefix: number): boolean {
  return FORBIDDEN.some(
    ([base, length]) =>
      family(base) === family(address) &&
      (holds(base, length, address) || holds(address, prefix, base)),
  );
}

const octet = fc.oneof(
  fc.integer({ min: 0, max: 260 }).map(String),
  fc.constantFrom("169", "254", "01", "00", "", "1e1", "-1"),
);
const ipv4 = fc.array(octet, { minLength: 3, maxLength: 5 }).map((octets) => octets.join("."));
const group = fc.oneof(
  fc.stringMatching(/^[0-9A-Fa-f]{1,5}$/),
  fc.constantFrom("0", "0000", "64", "0064", "ff9b", "FF9B", "fd00", "FD00", "ec2", "0EC2"),
  fc.constantFrom("fd20", "ce", "00cE", "fe80", "FEbf", "fec0", "ffff", "a9fe", "", "g"),
);
const ipv6 = fc.oneof(
  fc.ipV6(),
  fc.array(group, { minLength: 1, maxLength: 9 }).map((groups) => groups.join(":")),
  fc
    .tuple(fc.array(group, { maxLength: 7 }), fc.array(group, { maxLength: 7 }))
    .map((sides) => sides.map((groups) => groups.join(":")).join("::")),
  fc.constantFrom("fe80::1%eth0", "::ffff:169.254.169.254", "1::2::3", ":::", "::"),
);
const prefix = fc.oneof(
  fc.integer({ min: 0, max: 130 }).map(String),
  fc.constantFrom("", "08", "+8", " 8", "8\n", "1e1"),
);
const cidr = fc.tuple(fc.oneof(ipv4, fc.ipV4(), ipv6), prefix);

describe("an address range", () => {
  test("is one, of addresses of which none is a metadata or link-local address", () => {
    fc.assert(
      fc.property(cidr, ([address, length]) => {
        if (CIDR.problem(`${address}/${length}`) !== undefined) return;
        const version = isIP(address);
        const [least, most] = version === 4 ? [8, 32] : [32, 128];
        expect(length).toMatch(/^[1-9][0-9]*$/);
        expect({
          isRange: version !== 0 && Number(length) >= least && Number(length) <= most,
          forbidden: isForbidden(address, Number(length)),
        }).toEqual({ isRange: true, forbidden: false });
      }),
      { numRuns: 5000 },
    );
  });

  test("is taken if it is one, narrow enough, and near no metadata address", () => {
    fc.assert(
      fc.property(cidr, ([address, length]) => {
        const version = isIP(address);
        if (version === 0 || !/^(0|[1-9][0-9]*)$/.test(length)) return;
        const bits = Number(length);
        const [least, most] = version === 4 ? [8, 32] : [32, 128];
        if (bits < least || bits > most || /%|:.*\./.test(address)) return;
        // Any range of 169.x that is wider than /16 is refused, whether it holds 169.254 or not.
        if (/^169\./.test(address) && bits < 16) return;
        const problem = CIDR.problem(`${address}/${length}`);
        expect(problem === undefined).toBe(!isForbidden(address, bits));
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    "10.0.0.0/8",
    "10.20.0.0/16",
    "10.20.0.5/32",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.168.1.0/24",
    "169.253.0.0/16",
    "2001:db8::/32",
    "2001:DB8:0:1::/64",
    "fd12:3456:789a:1::/64",
    "2001:db8:1:2:3:4:5:6/128",
  ])("may be %s", (range) => {
    expect(CIDR.problem(range)).toBeUndefined();
  });

  const no = "is no address range; write one such as 10.20.0.0/16";
  const wide = "is too wide; name the networks in question, /8 to /32, or /32 to /128 for IPv6";
  const metadata = "holds a cloud's metadata address";
  const mapped = "is an IPv4 range in the form of IPv6, or reserved; write IPv4 as such";
  test.each<[string, string]>([
    ["", no],
    ["10.20.0.0", no],
    ["10.20.0.0/33", no],
    ["10.020.0.0/16", no],
    ["10.20.0.0/016", no],
    ["10.20.0/16", no],
    ["10.20.0.0/16\n", no],
    ["db.example/32", no],
    ["2001:db8::/129", no],
    ["2001:db8::1::/64", no],
    ["2001:db8:1:2:3:4:5:6:7/128", no],
    ["2001::1:2:3:4:5:6:7/128", no],
    ["2001:1:2:3:4:5:6::7/128", no],
    ["fe80::1%eth0/128", no],
    ["::ffff:169.254.169.254/128", no],
    ["0.0.0.0/0", wide],
    ["10.0.0.0/7", wide],
    ["::/0", wide],
    ["2000::/3", wide],
    ["fd00::/8", wide],
    ["2001:db8::/31", wide],
    ["169.254.169.254/32", metadata],
    ["169.0.0.0/8", metadata],
    ["169.255.0.0/15", metadata],
    ["fe80::a9fe:a9fe/128", metadata],
    ["FD00:0EC2::254/128", metadata],
    ["fd00:ec2:0::/48", metadata],
    ["fd20:ce::254/128", metadata],
    ["::ffff:a9fe:a9fe/128", mapped],
    ["0:0:0:0:0:ffff:a9fe:0/112", mapped],
    ["64:ff9b::/96", mapped],
    ["0064:FF9B::a9fe:a9fe/128", mapped],
  ])("fails as %j", (range, problem) => {
    expect(CIDR.problem(range)).toBe(`${JSON.stringify(range)} ${problem}`);
  });
});

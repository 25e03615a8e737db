import { printable } from "../kubernetes/names";
import { stringRule } from "../support/string-rule";

const OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const GROUP = "[0-9A-Fa-f]{1,4}";
/** With 1 to 7 groups before the "::", and as many behind it as leave it one at least. */
const COMPRESSED = [6, 5, 4, 3, 2, 1].map(
  (before) => `(${GROUP}:){1,${before}}(:${GROUP}){1,${7 - before}}`,
);
/** RFC 4291, section 2.2, without a dotted part; nothing that begins with "::" is let through below. */
const IPV6 = `((${GROUP}:){7}${GROUP}|(${GROUP}:){1,7}:|${COMPRESSED.join("|")}|::(${GROUP}(:${GROUP}){0,6})?)`;
const PREFIX_OF_4 = "([12]?[0-9]|3[0-2])";
const PREFIX_OF_6 = "(1[01][0-9]|12[0-8]|[1-9]?[0-9])";

/**
 * A rule for addresses that a service may call: an IPv4 range of /8 or longer, or an IPv6 range of
 * /32 or longer. No range holds a link-local address, where clouds hand out the credentials of a
 * machine, nor one of the two addresses that do so elsewhere: fd00:ec2::254 (AWS) and fd20:ce::254
 * (Google). Since an IPv6 range lies within one pair of first groups, its spelling shows it all.
 */
export const CIDR = stringRule({
  pattern: `^((${OCTET}\\.){3}${OCTET}/${PREFIX_OF_4}|${IPV6}/${PREFIX_OF_6})$`,
  problem: (cidr) => `${printable(cidr)} is no address range; write one such as 10.20.0.0/16`,
  not: [
    {
      pattern: "^[0-9.]+/[0-7]$|:[0-9A-Fa-f]*/([12]?[0-9]|3[01])$",
      problem: (cidr) =>
        `${printable(cidr)} is too wide; name the networks in question, /8 to /32, or /32 to /128 for IPv6`,
    },
    {
      pattern: [
        "^169\\.254\\.",
        "^169\\.[0-9.]+/([89]|1[0-5])$",
        "^[Ff][Ee][89ABab][0-9A-Fa-f]:",
        "^[Ff][Dd]00:0?[Ee][Cc]2:",
        "^[Ff][Dd]20:0{0,2}[Cc][Ee]:",
      ].join("|"),
      problem: (cidr) => `${printable(cidr)} holds a cloud's metadata address`,
    },
    {
      // ::ffff:a9fe:0/112 is 169.254.0.0/16 to whoever reads it as IPv4, and so is its NAT64 form.
      pattern: "^(:|0{1,4}:|0{0,2}64:[Ff]{2}9[Bb]:)",
      problem: (cidr) =>
        `${printable(cidr)} is an IPv4 range in the form of IPv6, or reserved; write IPv4 as such`,
    },
  ],
});

import { z } from "zod";

import { LONGEST_TENANT_NAME, dnsSubdomainRule, nameRule, printable } from "../kubernetes/names";
import { SECRET_PATH } from "../kubernetes/secret-path";
import { strictObject } from "../support/strict-schema";
import { ruledString, stringRule } from "../support/string-rule";

/** A label's value holds no more. */
const LONGEST_RELEASE = 63;
const LONGEST_ADDRESS = 300;
/** The longest repository that the distribution spec allows, and a digest. */
const LONGEST_REFERENCE = 255 + "@sha256:".length + 64;

const DOMAIN = dnsSubdomainRule(
  (domain) => `domain ${printable(domain)} is no DNS name such as eu.atom.example`,
);

/** Source: https://semver.org, with a letter or digit at the end, for it becomes a label, too. */
const RELEASE = stringRule({
  pattern:
    "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]*[0-9A-Za-z])?(\\+[0-9A-Za-z.-]*[0-9A-Za-z])?$",
  maxLength: LONGEST_RELEASE,
  problem: (release) => `release ${printable(release)} is no semantic version such as 7.2.0`,
});

const VAULT_ADDRESS = stringRule({
  pattern: "^https?://[-A-Za-z0-9.:\\[\\]]+/?$",
  maxLength: LONGEST_ADDRESS,
  problem: (address) =>
    address.includes("@")
      ? "the address holds a user or a password; remove it"
      : `address ${printable(address)} is no URL of a server`,
});

function vaultWord(field: "mount" | "role" | "audience", description: string) {
  const rule = stringRule({
    pattern: "^[A-Za-z0-9][-A-Za-z0-9_./:]*$",
    maxLength: 253,
    problem: (text) => `${field} ${printable(text)} is not allowed`,
  });
  return ruledString(rule, description);
}

const vaultAccessSchema = strictObject({
  address: ruledString(VAULT_ADDRESS, "address of the Vault: https://vault.example:8200"),
  mount: vaultWord("mount", "mount of its KV version 2 engine"),
  role: vaultWord("role", "role that the pods' service accounts may take"),
  audience: vaultWord(
    "audience",
    "audience of the pods' tokens (default: the provider's own)",
  ).optional(),
  secrets: z
    .array(ruledString(SECRET_PATH, "path below tenants/<tenant>/: database"))
    .describe(
      "secrets that the tenant opted into; a service may name no other (default: not checked)",
    )
    .optional(),
}).describe("how pods get at the tenant's secrets; without it no service may name one");

/** Where the services of one tenant run; what a chart is told besides its values. */
export const placeSchema = strictObject({
  tenant: ruledString(
    nameRule({ longest: LONGEST_TENANT_NAME }),
    "name of the tenant, an RFC 1123 label of at most 56 characters; its namespace is tenant-<name>",
  ),
  region: ruledString(nameRule(), "name of the region, an RFC 1123 label"),
  domain: ruledString(
    DOMAIN,
    "DNS name below which the hosts <service>.<tenant>.<domain> lie: eu.atom.example",
  ),
  release: ruledString(RELEASE, "release of ATOM, a semantic version: 7.2.0"),
  vault: vaultAccessSchema.optional(),
});

const IMAGE_KEY = stringRule({
  pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?$",
  problem: (name) => `image name ${printable(name)} is not allowed; use a-z, 0-9 and '-'`,
});

const IMAGE_REFERENCE = stringRule({
  pattern: "^[a-z0-9][-a-z0-9._:/]*@sha256:[0-9a-f]{64}$",
  maxLength: LONGEST_REFERENCE,
  problem: (reference) =>
    `image ${printable(reference)} is not given by digest; write <repository>@sha256:<64 hex digits>`,
});

/** Repository and digest of each image, by its name: `api`, or `api:7.1.0` of an older tag. */
export const imagesSchema = z
  .record(
    ruledString(IMAGE_KEY, "name in the fleet's image list, with a tag for an older one"),
    ruledString(IMAGE_REFERENCE, "reference by digest: registry.example/atom/api@sha256:..."),
  )
  .describe("every image that a service may name");

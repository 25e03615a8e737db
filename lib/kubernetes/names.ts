import { printable } from "../support/printable";

export { printable };

/** The namespace of the platform's own daemons. */
export const PLATFORM_NAMESPACE = "atom-platform";

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const RESERVED =
  /^(default|kube|kubernetes|openshift|istio-system|cert-manager|atom-platform|platform)$|^(kube|openshift)-/;
const TENANT_PREFIX = "tenant-";
/** A namespace holds at most 63 characters (RFC 1123), and ours begin with `tenant-`. */
export const LONGEST_TENANT_NAME = 63 - TENANT_PREFIX.length;

/** An RFC 1123 label: 1 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends. */
export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && DNS_LABEL.test(name);
}

/** An RFC 1123 subdomain: labels joined by dots, at most 253 characters. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && name.split(".").every(isDnsLabel);
}

/** A name that Kubernetes or this library keeps for itself. */
export function isReservedName(name: string): boolean {
  return RESERVED.test(name);
}

/**
 * Why a tenant, cluster, region, service, image, pool or node may not bear a name; undefined if it may.
 * The message repeats the name only as JSON, so that control characters and look-alikes show.
 */
export function nameProblem(name: string, longest = 63): string | undefined {
  if (name.length > longest) {
    return `name has ${name.length} characters; at most ${longest} are allowed`;
  }
  if (!DNS_LABEL.test(name)) {
    return `name ${printable(name)} is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`;
  }
  if (isReservedName(name)) {
    return `name ${printable(name)} is reserved by Kubernetes or the platform`;
  }
  return undefined;
}

/**
 * The one namespace of a tenant. Injective: a fixed prefix before a name that is a DNS label of at
 * most {@link LONGEST_TENANT_NAME} characters, never shortened, folded or escaped.
 */
export function tenantNamespace(tenant: string): string {
  return `${TENANT_PREFIX}${tenant}`;
}

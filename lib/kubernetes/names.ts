import { printable } from "../support/printable";
import { stringRule } from "../support/string-rule";
import type { Refusal, StringRule } from "../support/string-rule";

export { printable };

/** The namespace of the platform's own daemons. */
export const PLATFORM_NAMESPACE = "atom-platform";

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
export const RESERVED =
  /^(default|kube|kubernetes|openshift|istio-system|cert-manager|atom-platform|platform)$|^(kube|openshift)-/;
const TENANT_PREFIX = "tenant-";
/** Of an RFC 1123 label. */
const LONGEST_LABEL = 63;
/** Of an RFC 1123 subdomain. */
export const LONGEST_SUBDOMAIN = 253;
/** A namespace holds at most 63 characters (RFC 1123), and ours begin with `tenant-`. */
export const LONGEST_TENANT_NAME = LONGEST_LABEL - TENANT_PREFIX.length;

const LABEL_OF_SUBDOMAIN = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
/** Of an RFC 1123 subdomain, whose length is bounded besides; without anchors. */
export const DNS_SUBDOMAIN = `${LABEL_OF_SUBDOMAIN}(\\.${LABEL_OF_SUBDOMAIN})*`;

/** A rule for a DNS label, an RFC 1123 one: 1 to 63 of a-z, 0-9 and '-', a letter or digit at both ends. */
export function dnsLabelRule(problem: (text: string) => string): StringRule {
  return stringRule({ pattern: DNS_LABEL.source, maxLength: LONGEST_LABEL, problem });
}

/** A rule for a DNS name, an RFC 1123 subdomain: labels joined by dots, at most 253 characters. */
export function dnsSubdomainRule(problem: (text: string) => string): StringRule {
  return stringRule({ pattern: `^${DNS_SUBDOMAIN}$`, maxLength: LONGEST_SUBDOMAIN, problem });
}

/**
 * A rule for the name of a tenant, cluster, region, service, image, pool or node: a DNS label that
 * nobody has reserved. Messages repeat a name only as JSON, so that control characters and
 * look-alikes show.
 *
 * @param what stands before "name" in every message: `service`. @default - nothing
 */
export function nameRule({
  what,
  longest = LONGEST_LABEL,
  not = [],
}: {
  readonly what?: string;
  readonly longest?: number;
  readonly not?: readonly Refusal[];
} = {}): StringRule {
  const name = what === undefined ? "name" : `${what} name`;
  return stringRule({
    pattern: DNS_LABEL.source,
    problem: (text) =>
      `${name} ${printable(text)} is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`,
    not: [
      {
        pattern: RESERVED.source,
        problem: (text) => `${name} ${printable(text)} is reserved by Kubernetes or the platform`,
      },
      ...not,
    ],
    maxLength: longest,
    tooLong: (text) => tooLong(name, text, longest),
  });
}

/** A name of any length: {@link nameProblem} is asked with a bound of its own. */
const NAME = nameRule({ longest: Infinity });
const LABEL = dnsLabelRule(printable);
const SUBDOMAIN = dnsSubdomainRule(printable);

/** An RFC 1123 label: 1 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends. */
export function isDnsLabel(name: string): boolean {
  return LABEL.problem(name) === undefined;
}

/** An RFC 1123 subdomain: labels joined by dots, at most 253 characters. */
export function isDnsSubdomain(name: string): boolean {
  return SUBDOMAIN.problem(name) === undefined;
}

/** A name that Kubernetes or this library keeps for itself. */
export function isReservedName(name: string): boolean {
  return RESERVED.test(name);
}

/** Why a tenant, cluster, region, service, image, pool or node may not bear a name; undefined if it may. */
export function nameProblem(name: string, longest = LONGEST_LABEL): string | undefined {
  return NAME.problem(name) ?? (name.length > longest ? tooLong("name", name, longest) : undefined);
}

function tooLong(what: string, text: string, longest: number): string {
  return `${what} has ${text.length} characters; at most ${longest} are allowed`;
}

/**
 * The one namespace of a tenant. Injective: a fixed prefix before a name that is a DNS label of at
 * most {@link LONGEST_TENANT_NAME} characters, never shortened, folded or escaped.
 */
export function tenantNamespace(tenant: string): string {
  return `${TENANT_PREFIX}${tenant}`;
}

import { isIP } from "node:net";
import { isDnsLabel, isDnsSubdomain } from "../kubernetes/names";

/** What leaves an inventory about a host, next to its name and groups. */
export interface NamedFields {
  address?: string;
  region?: string;
  kubernetesVersion?: string;
}

const FIELDS: Readonly<Record<string, keyof NamedFields>> = {
  ansible_host: "address",
  ansible_ssh_host: "address",
  region: "region",
  atom_region: "region",
  kubernetes_version: "kubernetesVersion",
  kube_version: "kubernetesVersion",
  k3s_version: "kubernetesVersion",
};

const VERSION = /^v?([0-9]{1,3}\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?:[-+][0-9A-Za-z.+-]{1,40})?)$/;

/**
 * The field that a variable gives, or undefined for every other variable: those are dropped before
 * their value is looked at, since passwords and join tokens are host variables too.
 */
export function fieldOfVariable(name: string): keyof NamedFields | undefined {
  return Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
}

/** A value that only Ansible can work out. Such a field stays unknown. */
export function isTemplate(value: string): boolean {
  return value.includes("{{") || value.includes("{%");
}

/**
 * A field's value in its one form, or what is wrong with it. The message never repeats the value: a
 * forgotten quote can put a password there.
 */
export function readField(
  field: keyof NamedFields,
  value: string,
): { readonly value: string } | { readonly problem: string } {
  switch (field) {
    case "address":
      return isIP(value) !== 0 || isDnsSubdomain(value.toLowerCase())
        ? { value }
        : { problem: "is neither an IP address nor a host name" };
    case "region":
      return isDnsLabel(value)
        ? { value }
        : { problem: "is no region; use a-z, 0-9 and '-', with a letter or digit at both ends" };
    case "kubernetesVersion": {
      const match = VERSION.exec(value);
      return match ? { value: match[1]! } : { problem: "is no version such as 1.31.2" };
    }
  }
}

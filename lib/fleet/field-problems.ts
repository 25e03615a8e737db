import { isDnsSubdomain, printable } from "../kubernetes/names";
import { isRegistry } from "../registry/reference";

/** Source: https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string */
export const SEMANTIC_VERSION =
  "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$";
/** The release becomes a label, too. */
const LONGEST_RELEASE = 63;

export function releaseProblem(release: string): string | undefined {
  return new RegExp(SEMANTIC_VERSION).test(release) && release.length <= LONGEST_RELEASE
    ? undefined
    : `release ${printable(release)} is no semantic version such as 7.2.0`;
}

export function domainProblem(domain: string): string | undefined {
  return isDnsSubdomain(domain) && domain.includes(".")
    ? undefined
    : `domain ${printable(domain)} is no DNS name such as eu.atom.example`;
}

export function registryProblem(target: string): string | undefined {
  if (target.includes("@")) return "a registry is named without a user or a password";
  return isRegistry(target) && target === target.toLowerCase()
    ? undefined
    : `registry ${printable(target)} is no lower-case host with an optional port, such as registry.example:5000`;
}

/** Never repeats the address: it may hold a password. */
export function vaultAddressProblem(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    return "the address is no URL such as https://vault.example:8200";
  }
  if (url.username !== "" || url.password !== "") {
    return "the address holds a user or a password; remove it";
  }
  return /^https?:\/\/[-a-z0-9.[\]:]+\/?$/.test(address)
    ? undefined
    : "the address is more than a scheme, a lower-case host and a port, such as https://vault.example:8200";
}

/** One address in one spelling, to see whether two are the same. */
export function sameServer(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin;
}

/** Mounts that Vault keeps for itself. */
const VAULT_MOUNTS = ["auth", "cubbyhole", "identity", "sys"];

export function mountProblem(mount: string): string | undefined {
  if (!/^[a-z0-9][-a-z0-9_]{0,62}$/.test(mount)) {
    return `mount ${printable(mount)} is not allowed; use a-z, 0-9, '-' and '_'`;
  }
  return VAULT_MOUNTS.includes(mount) ? `mount "${mount}" is kept by Vault for itself` : undefined;
}

const LONGEST_PATH = 4096;

/** A path becomes an argument of programs, so it may not look like an option. */
export function pathProblem(path: string): string | undefined {
  if (path === "" || path.length > LONGEST_PATH) return "a path has 1 to 4096 characters";
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(path))
    return `path ${printable(path)} holds a control character`;
  return path.startsWith("-")
    ? `path ${printable(path)} begins with '-' like an option; write ./ before it`
    : undefined;
}

/** Contexts bear what their makers like (`arn:aws:eks:…:cluster/prod`, `me@prod`), short of this. */
export function contextProblem(context: string): string | undefined {
  return /^[A-Za-z0-9][-A-Za-z0-9_.:/@+]{0,252}$/.test(context)
    ? undefined
    : `context ${printable(context)} is not allowed; use letters, digits and any of - _ . : / @ +, no blanks`;
}

/** Which tenant an object or a namespace belongs to. */
export const TENANT_LABEL = "atom.cloud/tenant";
/** On a namespace: `platform` or `tenant`. */
export const ROLE_LABEL = "atom.cloud/role";
/** On pods that the ingress controller may reach. */
export const EXPOSED_LABEL = "atom.cloud/exposed";
/** Which region an object was rendered for. */
export const REGION_LABEL = "atom.cloud/region";

/** Pod Security admission, https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export const POD_SECURITY_VERSION = "v1.29";
export const RESTRICTED_POD_SECURITY: Readonly<Record<string, string>> = Object.fromEntries(
  ["enforce", "audit", "warn"].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, POD_SECURITY_VERSION],
  ]),
);

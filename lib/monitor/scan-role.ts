import { stringify } from "yaml";
import { isDnsLabel, PLATFORM_NAMESPACE } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { printable } from "../support/printable";
import { UsageError } from "../support/problem";
import { SCAN_KINDS } from "./scan-kinds";

/** Account, role and binding are called alike. */
export const SCAN_ACCOUNT = "policy-monitor";
const ROLE = "atom-policy-monitor";

/**
 * A service account with the {@link scanRights}.
 *
 * @param namespace of the service account. @default the platform's
 */
export function scanRole(namespace: string = PLATFORM_NAMESPACE): readonly KubernetesObject[] {
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: SCAN_ACCOUNT, namespace },
      automountServiceAccountToken: false,
    },
    ...scanRights(namespace),
  ];
}

/**
 * The rights that a scan of a cluster needs, and no more: to list and watch the kinds that the rules know.
 * It changes nothing, and reads no object alone.
 *
 * @param namespace of the service account that gets them. @default the platform's
 */
export function scanRights(namespace: string = PLATFORM_NAMESPACE): readonly KubernetesObject[] {
  const groups = new Map<string, string[]>();
  for (const { group, resource } of SCAN_KINDS) {
    groups.set(group, [...(groups.get(group) ?? []), resource]);
  }
  return [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: ROLE },
      rules: [...groups].map(([group, resources]) => ({
        apiGroups: [group],
        resources,
        verbs: ["list", "watch"],
      })),
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: ROLE },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: ROLE },
      subjects: [{ kind: "ServiceAccount", name: SCAN_ACCOUNT, namespace }],
    },
  ];
}

const ABOUT_SECRETS = `# The scan asks for the metadata of Secrets only, so that it never holds a value. RBAC cannot say that: whoever
# has this account's token can list them whole. Guard it as you would guard them.
`;

/** {@link scanRole} as YAML for \`kubectl apply -f -\`. */
export function scanRoleYaml(namespace: string = PLATFORM_NAMESPACE): string {
  if (!isDnsLabel(namespace)) {
    throw new UsageError("scan role", [
      {
        path: "--namespace",
        message:
          `${printable(namespace)} is no name of a namespace; use 1 to 63 of a-z, 0-9 and '-', ` +
          "with a letter or digit at both ends",
      },
    ]);
  }
  return (
    ABOUT_SECRETS +
    scanRole(namespace)
      .map((object) => stringify(object))
      .join("---\n")
  );
}

/** The paths that a scan of a Vault reads, with what it does there. */
const VAULT_PATHS: readonly (readonly [path: string, capability: string])[] = [
  ["sys/policies/acl", "list"],
  ["sys/policies/acl/*", "read"],
  ["sys/auth", "read"],
  ["auth/kubernetes/role", "list"],
  ["auth/kubernetes/role/*", "read"],
  // Of a path with a wildcard Vault takes the slash of a list for a part.
  ["auth/kubernetes/+/role/", "list"],
  ["auth/kubernetes/+/role/*", "read"],
];

/** The rights that a scan of a Vault needs, as a policy for \`vault policy write\`. */
export function vaultScanPolicy(): string {
  return (
    "# Policies, logins and the roles of the Kubernetes logins below kubernetes/; no secret.\n" +
    VAULT_PATHS.map(
      ([path, capability]) => `path "${path}" {\n  capabilities = ["${capability}"]\n}\n`,
    ).join("")
  );
}

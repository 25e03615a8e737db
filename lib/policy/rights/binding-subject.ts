import type { Fields } from "../reading/read";

/**
 * The namespace whose service accounts a binding's subject stands for: by themselves, or by the names
 * of users and groups that the API server gives them.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
 */
export function accountsNamespace({ kind, name, namespace }: Fields): string | undefined {
  if (kind === "ServiceAccount") return typeof namespace === "string" ? namespace : undefined;
  if (typeof name !== "string") return undefined;
  const [, account] = /^system:serviceaccount:([^:]+):/.exec(name) ?? [];
  const [, group] = /^system:serviceaccounts:([^:]+)$/.exec(name) ?? [];
  return kind === "User" ? account : kind === "Group" ? group : undefined;
}

/** Groups, and a user, that every service account of every tenant is, or that nobody has to be. */
const EVERYBODY = new Set([
  "Group system:serviceaccounts",
  "Group system:authenticated",
  "Group system:unauthenticated",
  "User system:anonymous",
]);

/** Whether a binding's subject stands for all tenants, or for whoever comes by. */
export function isEverybody({ kind, name }: Fields): boolean {
  return EVERYBODY.has(`${String(kind)} ${String(name)}`);
}

import type { AccessRequest } from "./authorization-server";
import { HOME } from "./roles";
import type { RoleRule } from "./roles";

/** Stands for what nobody has named: it is there only where a wildcard lets it in. */
const UNHEARD_OF = "unheard-of";

const WRITES = ["create", "update", "patch", "delete", "deletecollection"];
const BACK_DOORS = [
  "pods/exec",
  "pods/attach",
  "pods/ephemeralcontainers",
  "pods/portforward",
  "pods/proxy",
  "services/proxy",
  "nodes/proxy",
  "serviceaccounts/token",
];
const BOUNDARY = [
  "namespaces",
  "resourcequotas",
  "limitranges",
  "networkpolicies",
  "ciliumnetworkpolicies",
  "rolebindings",
  "endpoints",
  "endpointslices",
];

/** Whether no tenant may do something, whatever the API group: that is what design and rules say. */
function isForbidden({ group, verb, resource, subresource, name }: AccessRequest): boolean {
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  if ([group, verb, resource, subresource].includes(UNHEARD_OF)) return true;
  // Constrained impersonation: `impersonate:user-info`, `impersonate-on:user-info:list`.
  if (["escalate", "bind", "impersonate", "impersonate-on"].includes(verb.split(":", 1)[0]!))
    return true;
  if (BACK_DOORS.includes(whole)) return true;
  if (["pods/binding", "bindings"].includes(whole) && verb === "create") return true;
  if (whole === "secrets" && ["list", "watch", "deletecollection"].includes(verb)) return true;
  // Their answers hold the secret; of one that is named that is what a get of it shows.
  if (whole === "secrets" && ["update", "patch", "delete"].includes(verb))
    return name === undefined;
  return BOUNDARY.includes(resource) && WRITES.includes(verb);
}

/** What is asked for of every role, whatever it says. */
const ALWAYS: readonly AccessRequest[] = [
  ["list", "", "secrets"],
  ["watch", "", "secrets"],
  ["deletecollection", "", "secrets"],
  ["update", "", "secrets"],
  ["patch", "", "secrets"],
  ["delete", "", "secrets"],
  ["create", "", "pods/exec"],
  ["get", "", "pods/exec"],
  ["create", "", "pods/attach"],
  ["patch", "", "pods/ephemeralcontainers"],
  ["create", "", "pods/binding"],
  ["create", "", "bindings"],
  ["get", "", "pods/portforward"],
  ["get", "", "pods/proxy"],
  ["get", "", "services/proxy"],
  ["get", "", "nodes/proxy"],
  ["create", "", "serviceaccounts/token"],
  ["escalate", "rbac.authorization.k8s.io", "roles"],
  ["bind", "rbac.authorization.k8s.io", "clusterroles"],
  ["impersonate", "", "serviceaccounts"],
  ["impersonate", "", "users"],
  ["impersonate:serviceaccount", "authentication.k8s.io", "serviceaccounts"],
  ["impersonate-on:user-info:list", "", "secrets"],
  ["patch", "", "namespaces"],
  ["update", "", "resourcequotas"],
  ["delete", "", "limitranges"],
  ["create", "networking.k8s.io", "networkpolicies"],
  ["create", "rbac.authorization.k8s.io", "rolebindings"],
  ["update", "", "endpoints"],
  ["patch", "discovery.k8s.io", "endpointslices"],
].map(([verb, group, whole]) => request(verb!, group!, whole!));

/**
 * The forbidden requests that are worth asking for of a role: the usual ones, and each combination of
 * what its rules name. Where a rule has a wildcard, something that nobody has named stands for it.
 */
export function forbiddenRequests(rules: readonly RoleRule[]): AccessRequest[] {
  const named = rules.flatMap(({ apiGroups = [], resources = [], verbs, resourceNames = [] }) =>
    some(apiGroups).flatMap((group) =>
      some(resources).flatMap((whole) =>
        some(verbs).flatMap((verb) =>
          [undefined, ...resourceNames.slice(0, 1)].map((name) =>
            request(verb, group, whole, name),
          ),
        ),
      ),
    ),
  );
  return [...ALWAYS, ...named.filter(isForbidden)];
}

/** Each text with every wildcard in it read as what nobody has named. */
function some(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.replaceAll("*", UNHEARD_OF)))];
}

function request(verb: string, group: string, whole: string, name?: string): AccessRequest {
  const [resource = "", subresource] = whole.split("/");
  return { verb, group, resource, subresource, name, namespace: HOME };
}

/** Does something for each of many, some at a time. */
export async function inTurns<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

import type { ApiServer } from "./api-server";
import type { OpenBao } from "./openbao";

/** Kinds that a control plane makes and forgets by itself. */
const VOLATILE = new Set(["events", "leases", "endpoints", "endpointslices"]);

/** Every object of a cluster, by kind, namespace and name, but for what comes and goes by itself. */
export async function clusterInventory(api: ApiServer): Promise<string[]> {
  const listed = (await api.resources()).filter(
    ({ name, verbs }) => !name.includes("/") && verbs.includes("list") && !VOLATILE.has(name),
  );
  const objects = await Promise.all(
    listed.map(async (resource) =>
      (await api.list(resource)).map(({ metadata: { namespace = "-", name } }) =>
        [resource.groupVersion, resource.kind, namespace, name].join(" "),
      ),
    ),
  );
  return objects.flat().sort();
}

/** Every mount, login method and policy of an OpenBao server, and the roles of its Kubernetes logins. */
export async function vaultInventory(vault: OpenBao): Promise<string[]> {
  const keysOf = async (path: string) => {
    const { data } = await vault.request<{ data: Record<string, unknown> }>(path);
    return Object.keys(data).sort();
  };
  const policies = await vault.request<{ data: { keys: string[] } }>(
    "/v1/sys/policies/acl?list=true",
  );
  const logins = await keysOf("/v1/sys/auth");
  const roles = await Promise.all(
    logins
      .filter((login) => login.startsWith("kubernetes/"))
      .map(async (login) => {
        const answer = await vault.find<{ data: { keys: string[] } }>(
          `/v1/auth/${login}role?list=true`,
        );
        return (answer?.data.keys ?? []).map((role) => `role ${login}${role}`);
      }),
  );
  return [
    ...(await keysOf("/v1/sys/mounts")).map((mount) => `mount ${mount}`),
    ...logins.map((login) => `login ${login}`),
    ...policies.data.keys.map((policy) => `policy ${policy}`),
    ...roles.flat(),
  ].sort();
}

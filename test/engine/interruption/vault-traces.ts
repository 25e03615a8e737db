import type { OpenBao } from "../bed/openbao";
import type { PulumiStack } from "../project/pulumi";

/** What a platform's stack makes in Vault and Vault makes once only. */
interface Trace {
  readonly type: string;
  /** Path in Vault, and the resource's id. */
  readonly id: string;
  readonly address: string;
  /** Where all of its kind are listed, by id and a slash. */
  readonly list: string;
  readonly body: object;
}

export function tracesOf(cluster: string): readonly [mount: Trace, login: Trace] {
  const [mount, login] = [`atom-${cluster}`, `kubernetes/${cluster}`];
  return [
    {
      type: "vault:index/mount:Mount",
      id: mount,
      address: `/v1/sys/mounts/${mount}`,
      list: "/v1/sys/mounts",
      body: { type: "kv", options: { version: "2" } },
    },
    {
      type: "vault:index/authBackend:AuthBackend",
      id: login,
      address: `/v1/sys/auth/${login}`,
      list: "/v1/sys/auth",
      body: { type: "kubernetes" },
    },
  ];
}

/** Lets a request arrive that was on its way when its sender was killed, if it has not. */
export async function arrive(vault: OpenBao, trace: Trace): Promise<void> {
  const { address, body } = trace;
  if (!(await isThere(vault, trace))) await vault.request(address, { method: "POST", body });
}

/** Takes what Vault has and the state has not into the state, by the commands of `docs/testing.md`. */
export async function importTraces(
  stack: PulumiStack,
  vault: OpenBao,
  traces: readonly Trace[],
): Promise<void> {
  const vaultReplica = `urn:pulumi:${stack.name}::atom::atom:index:VaultReplica`;
  for (const trace of traces) {
    const { type, id } = trace;
    const isRecorded = stack.resources().some((resource) => resource.type === type);
    if (isRecorded || !(await isThere(vault, trace))) continue;
    await stack.must([
      ...["import", type, "vault", id, "--stack", stack.name],
      ...["--parent", `parent=${vaultReplica}::vault`],
      ...["--provider", `provider=${vaultReplica}$pulumi:providers:vault::vault`],
      ...["--protect=false", "--generate-code=false", "--skip-preview", "--yes"],
    ]);
  }
}

export async function isThere(vault: OpenBao, { list, id }: Trace): Promise<boolean> {
  const { data } = await vault.request<{ data: Readonly<Record<string, unknown>> }>(list);
  return `${id}/` in data;
}

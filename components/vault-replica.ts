import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import type { ReplicaRecord } from "../lib/vault/replica-signature";
import { tenantSecretPath } from "../lib/vault/secret-path";
import type { ClusterReference } from "./cluster-reference";
import type { VaultReference } from "./vault-reference";

/** One Vault or OpenBao server. */
export interface VaultServer {
  /** `https://vault.example:8200` */
  readonly address: string;
  /**
   * Token to use. It passes through the engine as a secret: encrypted in the state, but in clear in a
   * log that the engine is asked for with `-v=9`.
   *
   * @default - the environment's, which never passes through the engine: `VAULT_TOKEN` for the
   *   secondary, `VAULT_PRIMARY_TOKEN` for the primary
   */
  readonly token?: pulumi.Input<string>;
}

export interface VaultReplicaArgs {
  readonly cluster: ClusterReference;
  /** Where the secrets come from. */
  readonly primary: VaultServer;
  /** Where they are replicated to, and where the cluster's services read them. */
  readonly secondary: VaultServer;
  /** The secrets each tenant opted into, as paths below `tenants/<tenant>/`. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  /**
   * The KV version 2 mount on the primary. On the secondary it is `<mount>-<cluster>`: clusters may
   * share a secondary, and each holds its own tenants' secrets only.
   * @default "atom"
   */
  readonly mount?: string;
  /**
   * What the signatures of the replicas say: `readReplicas("vault_replicas.json")`. The policies look
   * at those of this mount that a tenant opted into.
   *
   * @default - nothing is known of them
   */
  readonly replicas?: readonly ReplicaRecord[];
}

/**
 * A replica of the tenants' secrets: mount and Kubernetes login on the secondary, and a sync that
 * copies versions, deletes and metadata of the paths that tenants opted into. No value is in the
 * preview or the state.
 *
 * ```ts
 * const vault = new VaultReplica("vault", { cluster, primary, secondary, secrets: { acme: ["database"] } });
 * ```
 *
 * Type token `atom:index:VaultReplica`.
 */
export class VaultReplica extends pulumi.ComponentResource implements VaultReference {
  readonly address: string;
  readonly mount: string;
  readonly authPath: pulumi.Output<string>;
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  readonly provider: vault.Provider;

  constructor(name: string, args: VaultReplicaArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, primary, secondary, secrets, mount = "atom" } = args;
    const { clusterName } = cluster;
    const { replicas = [] } = args;
    super(
      "atom:index:VaultReplica",
      name,
      {
        ...{ cluster: clusterName, primary: primary.address, secondary: secondary.address, mount },
        replicas: replicasByTenant(replicas, { secrets, mount: replicaMount(mount, cluster) }),
      },
      opts,
    );
    this.address = secondary.address;
    this.mount = replicaMount(mount, cluster);
    this.secrets = secrets;
    this.provider = createVaultProvider(name, secondary, { parent: this });
    const childOptions = { parent: this, provider: this.provider };
    const secretsMount = new vault.Mount(
      name,
      { path: this.mount, type: "kv", options: { version: "2" } },
      childOptions,
    );
    const login = new vault.AuthBackend(
      name,
      { type: "kubernetes", path: `kubernetes/${clusterName}` },
      childOptions,
    );
    this.authPath = login.path;
    new command.local.Command(
      `${name}-sync`,
      {
        create: "npx --no-install atom vault sync --apply --plan -",
        stdin: pulumi.secret(
          pulumi.jsonStringify({
            secrets,
            primary: { ...primary, mount },
            secondary: { ...secondary, mount: this.mount },
          }),
        ),
        logging: command.local.Logging.None,
      },
      { parent: this, dependsOn: [secretsMount] },
    );
    this.registerOutputs({ address: this.address, mount: this.mount, authPath: this.authPath });
  }
}

/** A replica that another stack keeps, for a program that only reads from it. */
export function connectVault(
  name: string,
  args: {
    readonly cluster: ClusterReference;
    readonly server: VaultServer;
    /** The mount on the primary. */
    readonly mount: string;
    readonly authPath: pulumi.Input<string>;
    readonly secrets: Readonly<Record<string, readonly string[]>>;
  },
  options: pulumi.CustomResourceOptions = {},
): VaultReference {
  const { cluster, server, mount, authPath, secrets } = args;
  return {
    address: server.address,
    mount: replicaMount(mount, cluster),
    authPath,
    secrets,
    provider: createVaultProvider(name, server, options),
  };
}

/** The records of what each tenant opted into: a secret by its name, or a folder with all below it. */
function replicasByTenant(
  replicas: readonly ReplicaRecord[],
  { secrets, mount }: Required<Pick<VaultReplicaArgs, "secrets" | "mount">>,
): Readonly<Record<string, readonly ReplicaRecord[]>> {
  const own = replicas.filter((record) => record.mount === mount);
  return Object.fromEntries(
    Object.entries(secrets).map(([tenant, names]) => {
      const paths = names.map((secret) => tenantSecretPath(tenant, secret));
      const isOptedIn = ({ path }: ReplicaRecord) =>
        paths.some((opted) => (opted.endsWith("/") ? path.startsWith(opted) : path === opted));
      return [tenant, own.filter(isOptedIn)];
    }),
  );
}

function replicaMount(mount: string, { clusterName }: ClusterReference): string {
  return `${mount}-${clusterName}`;
}

/** A provider whose token is a secret, whatever it was given as. */
function createVaultProvider(
  name: string,
  { address, token }: VaultServer,
  options: pulumi.CustomResourceOptions,
): vault.Provider {
  const credentials = token === undefined ? {} : { token: pulumi.secret(token) };
  return new vault.Provider(name, { address, ...credentials }, options);
}

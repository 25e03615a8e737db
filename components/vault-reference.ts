import type * as pulumi from "@pulumi/pulumi";
import type * as vault from "@pulumi/vault";

/** What other components need to know of a Vault that serves a cluster. `VaultReplica` is one. */
export interface VaultReference {
  /** `https://vault.example:8200` */
  readonly address: string;
  /** The KV version 2 mount. */
  readonly mount: string;
  /** Path of the Kubernetes auth method for this cluster. */
  readonly authPath: pulumi.Input<string>;
  /** The secrets each tenant opted into, as paths below `tenants/<tenant>/`. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  readonly provider: vault.Provider;
}

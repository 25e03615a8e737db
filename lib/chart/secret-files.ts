import { objectMeta, service, values } from "./chart-service";
import type { Symbolic } from "./template/placeholder";
import { all, joined, quoted, replaced, text, when } from "./template/symbol";
import type { TemplateChart } from "./template/synthesize";

/** Where the pods find their secrets, one file each. */
export const SECRETS_FOLDER = "/etc/atom/secrets";

/**
 * Which secrets the Secrets Store CSI driver mounts, through its Vault provider. Without a
 * `secretKey` the provider writes the whole secret as JSON, so no name of a key is known here.
 * Source: https://developer.hashicorp.com/vault/docs/platform/k8s/csi/configurations
 */
export function addSecretProviderClass(chart: TemplateChart): void {
  const { vault } = values;
  chart.addUntyped(
    {
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: objectMeta,
      spec: {
        provider: "vault",
        parameters: {
          vaultAddress: vault.address,
          roleName: vault.role,
          audience: when(vault.audience, vault.audience),
          objects: secretObjects,
        },
      },
    },
    all(vault, service.secrets),
  );
}

/** A list in YAML. A path's file has dots for slashes: segments have no dots, so no two files meet. */
const secretObjects = joined("secret-objects", service.secrets, "secret", (secret) =>
  text(
    ...["- objectName: ", quoted(replaced(secret, "/", ".")), "\n"],
    ...["  secretPath: ", quoted(secretPath(secret)), "\n"],
  ),
);

function secretPath(secret: Symbolic<string>): Symbolic<string> {
  return text(values.vault.mount, "/data/tenants/", values.tenant, "/", secret);
}

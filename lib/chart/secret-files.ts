import { ApiObject } from "cdk8s";
import type { Chart } from "cdk8s";

import { objectMeta } from "./chart-service";
import type { ChartService } from "./chart-service";
import { yamlDocument } from "./yaml";

/** Where the pods find their secrets, one file each. */
export const SECRETS_FOLDER = "/etc/atom/secrets";

/**
 * Which secrets the Secrets Store CSI driver mounts, through its Vault provider. Without a
 * `secretKey` the provider writes the whole secret as JSON, so no name of a key is known here.
 * Source: https://developer.hashicorp.com/vault/docs/platform/k8s/csi/configurations
 */
export function addSecretProviderClass(chart: Chart, service: ChartService): void {
  const { name, place, values } = service;
  if (place.vault === undefined || values.secrets.length === 0) return;
  const { address, mount, role, audience } = place.vault;
  const objects = values.secrets.map((secret) => ({
    objectName: secretFileName(secret),
    secretPath: `${mount}/data/tenants/${place.tenant}/${secret}`,
  }));
  new ApiObject(chart, `secrets-${name}`, {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: objectMeta(service),
    spec: {
      provider: "vault",
      parameters: {
        vaultAddress: address,
        roleName: role,
        ...(audience === undefined ? {} : { audience }),
        objects: yamlDocument(objects),
      },
    },
  });
}

/** The file of a secret: its path with dots for slashes. Segments have no dots, so no two meet. */
export function secretFileName(secret: string): string {
  return secret.replaceAll("/", ".");
}

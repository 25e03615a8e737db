/**
 * A DOUBLE of `pulumi-resource-vault`, for mounts, auth backends, policies and roles of the
 * Kubernetes auth backend. It speaks to a real Vault or OpenBao, with the requests, ids, defaults
 * and replacements of the genuine provider (hashicorp/terraform-provider-vault over
 * pulumi/pulumi-terraform-bridge).
 *
 * It does not prove that the genuine provider is to be had, nor how it treats what is not here: other
 * types and arguments are refused, so is a change of a path, which the genuine one may remount. Requests
 * are not repeated, a resource without a name gets none, `tune` is not read, and the token comes from
 * the provider's argument or VAULT_TOKEN only.
 */
import { serveProvider } from "./resource-provider";
import { VaultClient } from "./vault-client";
import { bridged } from "./vault-kind";
import { authBackend, mount, policy } from "./vault-kinds";
import { kubernetesRole } from "./vault-kubernetes-role";

let client = new VaultClient({});
const vault = (): VaultClient => client;

void serveProvider({
  kinds: {
    "vault:index/mount:Mount": bridged(mount, vault),
    "vault:index/authBackend:AuthBackend": bridged(authBackend, vault),
    "vault:index/policy:Policy": bridged(policy, vault),
    "vault:kubernetes/authBackendRole:AuthBackendRole": bridged(kubernetesRole, vault),
  },
  configure: (config) => {
    client = new VaultClient(config);
  },
});

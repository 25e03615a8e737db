import { HttpRegistry } from "../registry/http-registry";
import type { SourceOf } from "../registry/registry-client";
import { Secret } from "../support/secret";

/**
 * Registries over HTTPS, or HTTP for one on this machine that has no TLS, as Docker does. The same user name and
 * password, from `ATOM_REGISTRY_USERNAME` and `ATOM_REGISTRY_PASSWORD`, serve the target only.
 */
export function registries(
  environment: Readonly<Record<string, string | undefined>>,
  target: string,
): SourceOf {
  const host = target.split("/")[0];
  const username = environment["ATOM_REGISTRY_USERNAME"];
  const password = environment["ATOM_REGISTRY_PASSWORD"];
  return (registry) =>
    new HttpRegistry({
      registry,
      ...(registry === host && username !== undefined && password !== undefined
        ? { credentials: { username, password: Secret.of(password) } }
        : {}),
    });
}

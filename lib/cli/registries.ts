import { authoritiesOf } from "../registry/http/authorities";
import { DockerConfig } from "../registry/http/docker-config";
import type { Credentials } from "../registry/http/http-auth";
import { HttpRegistry } from "../registry/http/http-registry";
import { proxiesOf } from "../registry/http/proxy";
import type { SilentHost } from "../registry/http/silence";
import type { RegistryClient, SourceOf } from "../registry/registry-client";
import { Secret } from "../support/secret";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Registries over HTTPS, or HTTP for one on this machine that has no TLS, as Docker does. Users are those of
 * `docker login` and `podman login`; for the target, `ATOM_REGISTRY_USERNAME` and `ATOM_REGISTRY_PASSWORD`
 * come first. Proxies and private authorities are read from the environment. A registry has one client, so that
 * its connections and tokens are shared.
 *
 * @param tell prints a line about a registry that has answered nothing for a while.
 */
export function registries(
  environment: Environment,
  target: string,
  tell: (text: string) => void = () => undefined,
): SourceOf {
  const host = target.split("/")[0];
  const own = targetUser(environment);
  const docker = new DockerConfig(environment);
  const proxyOf = proxiesOf(environment);
  const clients = new Map<string, RegistryClient>();
  return (registry) => {
    const known = clients.get(registry);
    if (known !== undefined) return known;
    const authorities = authoritiesOf(registry, environment);
    const client = new HttpRegistry({
      registry,
      credentials:
        registry === host && own !== undefined
          ? own
          : (repository) => docker.find(registry, repository),
      proxyOf,
      onSilence: (silent) => tell(silenceText(silent)),
      ...(authorities === undefined ? {} : { authorities }),
    });
    clients.set(registry, client);
    return client;
  };
}

function silenceText({ host, told, most }: SilentHost): string {
  const [past, limit] = [told, most].map((milliseconds) => `${milliseconds / 1_000} s`);
  return `${host} has answered nothing for ${past}; it is given up after ${limit}\n`;
}

function targetUser(environment: Environment): Credentials | undefined {
  const username = environment["ATOM_REGISTRY_USERNAME"];
  const password = environment["ATOM_REGISTRY_PASSWORD"];
  if (username === undefined || password === undefined) return undefined;
  return { username, password: Secret.of(password) };
}

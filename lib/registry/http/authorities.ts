import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../support/problem";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Docker keeps what it trusts for one registry (docs.docker.com, "Verify repository client with certificates"). */
const DOCKER_CERTIFICATES = "/etc/docker/certs.d";

/**
 * Certificates of private authorities for one registry, in PEM: those of `SSL_CERT_FILE`, as Go's and
 * OpenSSL's tools read it, and Docker's for this registry, `/etc/docker/certs.d/<host>/*.crt`.
 *
 * @returns undefined if there are none: Node's own, with NODE_EXTRA_CA_CERTS, are all then.
 * @throws UsageError if SSL_CERT_FILE cannot be read.
 */
export function authoritiesOf(
  registry: string,
  environment: Environment,
  docker = DOCKER_CERTIFICATES,
): readonly string[] | undefined {
  const own = environment["SSL_CERT_FILE"];
  const found = [
    ...(own === undefined || own === "" ? [] : [readNamed("SSL_CERT_FILE", own)]),
    ...dockerCertificates(join(docker, registry)),
  ];
  if (found.length === 0) return undefined;
  // Whoever gives Node a list replaces all it had.
  const extra = environment["NODE_EXTRA_CA_CERTS"];
  const kept = extra === undefined || extra === "" ? [] : [readNamed("NODE_EXTRA_CA_CERTS", extra)];
  return [...kept, ...found];
}

function readNamed(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw new UsageError("environment", [
      { path: name, message: `the file ${JSON.stringify(path)} cannot be read (${code})` },
    ]);
  }
}

function dockerCertificates(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // No folder is the rule; one of root's is not for us.
    return [];
  }
  return names
    .filter((name) => name.endsWith(".crt"))
    .sort()
    .map((name) => readNamed(DOCKER_CERTIFICATES, join(folder, name)));
}

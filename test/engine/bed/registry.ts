import { randomBytes } from "node:crypto";
import type { Toolchain } from "../toolchain/resolve";
import type { BedFolder } from "./bed-folder";
import { freePorts, LOOPBACK } from "./free-ports";
import { HttpsClient } from "./https";

/** A registry (CNCF distribution) that wants nothing. */
export interface OpenRegistry {
  /** `127.0.0.1:<port>`, as image references begin. */
  readonly host: string;
}

/** One that speaks TLS and wants a user name and a password. */
export interface SecuredRegistry extends OpenRegistry {
  readonly username: string;
  readonly password: string;
}

/** A registry without a password and without TLS, as an upstream's mirror in a laboratory may be. */
export async function startOpenRegistry(
  folder: BedFolder,
  tools: Toolchain,
  name = "registry-open",
): Promise<OpenRegistry> {
  const [port = 0] = await freePorts(1);
  const host = `${LOOPBACK}:${port}`;
  await startRegistry(folder, tools, name, { addr: host }).ready(
    async () => (await fetch(`http://${host}/v2/`, { signal: AbortSignal.timeout(2_000) })).ok,
  );
  return { host };
}

/** A registry as enterprises have it. */
export async function startSecuredRegistry(
  folder: BedFolder,
  tools: Toolchain,
  { caPem, tls }: { readonly caPem: string; readonly tls: { cert: string; key: string } },
): Promise<SecuredRegistry> {
  const [port = 0] = await freePorts(1);
  const host = `${LOOPBACK}:${port}`;
  const credentials = { username: "atom", password: randomBytes(18).toString("base64url") };
  const { default: bcrypt } = await import("bcryptjs");
  const hash = bcrypt.hashSync(credentials.password, 4);
  const passwords = folder.write("htpasswd", `${credentials.username}:${hash}\n`);
  const client = new HttpsClient(`https://${host}`, { ca: caPem });
  await startRegistry(
    folder,
    tools,
    "registry-secured",
    { addr: host, tls: { certificate: tls.cert, key: tls.key } },
    { auth: { htpasswd: { realm: "bed", path: passwords } } },
  ).ready(async () => (await client.send("/v2/")).status === 401);
  client.close();
  return { host, ...credentials };
}

function startRegistry(
  folder: BedFolder,
  tools: Toolchain,
  name: string,
  http: object,
  more: object = {},
) {
  const config = folder.write(
    `${name}.json`,
    JSON.stringify({
      version: "0.1",
      log: { level: "info" },
      storage: {
        filesystem: { rootdirectory: folder.folder(name) },
        delete: { enabled: true },
      },
      // Signed uploads' state must not differ from run to run of the same server.
      http: { ...http, secret: randomBytes(16).toString("hex") },
      ...more,
    }),
  );
  return folder.start({ name, command: tools.path("registry"), argv: ["serve", config] });
}

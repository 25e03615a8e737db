import { setTimeout as sleep } from "node:timers/promises";
import type { Toolchain } from "../toolchain/resolve";
import type { BedFolder } from "./bed-folder";
import { freePorts, LOOPBACK } from "./free-ports";
import { HttpsClient } from "./https";
import type { HttpsRequest } from "./https";

export interface OpenBaoOptions {
  /** Also the name of its log. */
  readonly name: string;
  readonly caPem: string;
  /** Files of the server's certificate. */
  readonly tls: { readonly cert: string; readonly key: string };
}

/** How to reach an OpenBao server of a bed. Plain data: tests run in other processes than the bed's. */
export interface OpenBaoAccess {
  /** `https://127.0.0.1:<port>` */
  readonly address: string;
  readonly rootToken: string;
  readonly unsealKey: string;
  /** Certificate of the authority to trust, PEM. */
  readonly caPem: string;
}

/** Starts a server over TLS with raft storage, and initialises and unseals it with one key share. */
export async function startOpenBao(
  folder: BedFolder,
  tools: Toolchain,
  { name, caPem, tls }: OpenBaoOptions,
): Promise<OpenBaoAccess> {
  const [port = 0, clusterPort = 0] = await freePorts(2);
  const address = `https://${LOOPBACK}:${port}`;
  const config = folder.write(
    `${name}.json`,
    JSON.stringify({
      storage: { raft: { path: folder.folder(name), node_id: name } },
      listener: {
        tcp: {
          address: `${LOOPBACK}:${port}`,
          cluster_address: `${LOOPBACK}:${clusterPort}`,
          tls_cert_file: tls.cert,
          tls_key_file: tls.key,
        },
      },
      api_addr: address,
      cluster_addr: `https://${LOOPBACK}:${clusterPort}`,
      ui: false,
    }),
  );
  const client = new HttpsClient(address, { ca: caPem });
  await folder
    .start({ name, command: tools.path("bao"), argv: ["server", `-config=${config}`] })
    .ready(async () => (await client.send("/v1/sys/seal-status")).status === 200);
  const { keys, root_token } = await client.json<{ keys: [string]; root_token: string }>(
    "/v1/sys/init",
    { method: "PUT", body: { secret_shares: 1, secret_threshold: 1 } },
  );
  client.close();
  const access = { address, rootToken: root_token, unsealKey: keys[0], caPem };
  await new OpenBao(access).unseal();
  return access;
}

/** A client of one OpenBao server, with its root token. */
export class OpenBao {
  readonly #client: HttpsClient;

  constructor(private readonly access: OpenBaoAccess) {
    this.#client = new HttpsClient(access.address, { ca: access.caPem });
  }

  /** Seals it: until {@link unseal}, every request but the health check is answered with 503. */
  async seal(): Promise<void> {
    await this.request("/v1/sys/seal", { method: "PUT" });
  }

  async unseal(): Promise<void> {
    const body = { key: this.access.unsealKey };
    await this.#client.json("/v1/sys/unseal", { method: "PUT", body });
    // A raft node answers the unsealing before it has become the leader.
    const deadline = Date.now() + 15_000;
    while ((await this.#client.send("/v1/sys/health")).status !== 200) {
      if (Date.now() > deadline) throw new Error(`${this.access.address} is not active after 15 s`);
      await sleep(50);
    }
  }

  /** @throws Error for a status other than 2xx. */
  request<Body>(path: string, options: HttpsRequest = {}): Promise<Body> {
    return this.#client.json(path, this.#signed(options));
  }

  /** Undefined where nothing is (404). @throws Error for any other status than 2xx. */
  find<Body>(path: string): Promise<Body | undefined> {
    return this.#client.found(path, this.#signed({}));
  }

  #signed(options: HttpsRequest): HttpsRequest {
    return { ...options, headers: { "x-vault-token": this.access.rootToken, ...options.headers } };
  }
}

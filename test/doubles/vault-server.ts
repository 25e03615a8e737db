import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { KvStore } from "../../lib/vault/kv-store";
import { openPayload, sealPayload } from "../../lib/vault/payload";
import type { SecretData } from "../../lib/vault/payload";
import { VaultConflict, VaultRefused } from "../../lib/vault/vault-error";

/** What a test may do to a request instead of answering it. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The connection is cut before the request is carried out, or after. */
  | "cut before"
  | "cut after";

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

export interface VaultDouble {
  readonly address: string;
  readonly requests: SeenRequest[];
  /** Asked for each request, in turn; undefined lets it through. */
  fault: (request: SeenRequest) => Fault | undefined;
  close(): Promise<void>;
}

/**
 * A DOUBLE of a Vault server, on 127.0.0.1: it speaks the KV version 2 API over a `KvStore` and proves
 * nothing about the genuine server. Its answers were written after OpenBao 2.7.2's.
 */
export async function startVaultDouble(
  store: KvStore,
  { token, mount }: { readonly token: string; readonly mount: string },
): Promise<VaultDouble> {
  const double: Pick<VaultDouble, "requests" | "fault"> = { requests: [], fault: () => undefined };
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = { method: request.method!, url: request.url!, headers: request.headers };
    double.requests.push(seen);
    const body = await readBody(request);
    const fault = double.fault(seen);
    if (fault === "cut before") return void request.socket.destroy();
    if (typeof fault === "object") {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '{"errors":["a fault"]}');
      return;
    }
    const [status, answer] =
      request.headers["x-vault-token"] === token
        ? await carryOut(store, mount, seen, body)
        : [403, { errors: ["permission denied"] }];
    if (fault === "cut after") return void request.socket.destroy();
    response.writeHead(status, { "content-type": "application/json" });
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(double, {
    address: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

type Answer = readonly [status: number, body?: unknown];

const NOTHING: Answer = [404, { errors: [] }];

async function carryOut(
  store: KvStore,
  mount: string,
  { method, url }: SeenRequest,
  body: Body,
): Promise<Answer> {
  const { pathname, searchParams } = new URL(url, "http://double");
  if (pathname === "/v1/sys/health") return [200, { cluster_id: await store.identify() }];
  const route = new RegExp(`^/v1/${mount}/(data|metadata|delete|undelete|destroy)/(.*)$`);
  const [, verb, encoded] = route.exec(pathname) ?? [];
  if (verb === undefined || encoded === undefined)
    return [404, { errors: ["no handler for route"] }];
  const path = encoded.split("/").map(decodeURIComponent).join("/");
  try {
    if (searchParams.get("list") === "true") return await list(store, path);
    const version = searchParams.get("version");
    return await operate(store, `${method} ${verb}`, path, version, body);
  } catch (error) {
    if (error instanceof VaultConflict) {
      return [400, { errors: ["check-and-set parameter did not match the current version"] }];
    }
    if (error instanceof VaultRefused) return [400, { errors: [error.message] }];
    throw error;
  }
}

async function list(store: KvStore, path: string): Promise<Answer> {
  const keys = await store.list(path);
  return keys.length === 0 ? NOTHING : [200, { data: { keys } }];
}

async function operate(
  store: KvStore,
  operation: string,
  path: string,
  version: string | null,
  body: Body,
): Promise<Answer> {
  switch (operation) {
    case "GET data":
      return readData(store, path, version === null ? undefined : Number(version));
    case "POST data": {
      const number = await store.write(path, sealPayload(body.data ?? {}), body.options?.cas);
      return [200, { data: { version: number } }];
    }
    case "GET metadata":
      return readMetadata(store, path);
    case "POST metadata":
      await store.writeMetadata(path, {
        ...(body.max_versions === undefined ? {} : { maxVersions: body.max_versions }),
        ...(body.cas_required === undefined ? {} : { casRequired: body.cas_required }),
        ...(body.custom_metadata === undefined ? {} : { customMetadata: body.custom_metadata }),
      });
      return [204];
    case "DELETE metadata":
      await store.remove(path);
      return [204];
    case "POST delete":
      await store.deleteVersions(path, body.versions ?? []);
      return [204];
    case "POST undelete":
      await store.undeleteVersions(path, body.versions ?? []);
      return [204];
    case "POST destroy":
      await store.destroyVersions(path, body.versions ?? []);
      return [204];
    default:
      return [405, { errors: ["unsupported operation"] }];
  }
}

async function readData(store: KvStore, path: string, wanted?: number): Promise<Answer> {
  const found = await store.readVersion(path, wanted);
  if (found === undefined) return NOTHING;
  const metadata = await store.readMetadata(path);
  const version = metadata?.versions.get(found.version);
  return [
    found.state === "live" ? 200 : 404,
    {
      data: {
        data: found.state === "live" ? openPayload(found.payload) : null,
        metadata: {
          version: found.version,
          created_time: version?.createdAt,
          deletion_time: version?.deletedAt ?? "",
          destroyed: found.state === "destroyed",
        },
      },
    },
  ];
}

async function readMetadata(store: KvStore, path: string): Promise<Answer> {
  const found = await store.readMetadata(path);
  if (found === undefined) return NOTHING;
  const versions = [...found.versions].map(([number, { state, createdAt, deletedAt }]) => [
    number,
    { created_time: createdAt, deletion_time: deletedAt ?? "", destroyed: state === "destroyed" },
  ]);
  const customMetadata = Object.keys(found.customMetadata).length > 0 ? found.customMetadata : null;
  return [
    200,
    {
      data: {
        current_version: found.currentVersion,
        max_versions: found.maxVersions,
        cas_required: found.casRequired,
        custom_metadata: customMetadata,
        versions: Object.fromEntries(versions) as unknown,
      },
    },
  ];
}

interface Body {
  readonly data?: SecretData;
  readonly options?: { readonly cas?: number };
  readonly versions?: number[];
  readonly max_versions?: number;
  readonly cas_required?: boolean;
  readonly custom_metadata?: Record<string, string>;
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as Body);
}

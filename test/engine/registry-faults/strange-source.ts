import { HttpRegistry } from "../../../lib/registry/http/http-registry";
import { descriptorOf } from "../../../lib/registry/manifest";
import { bytesSource } from "../../../lib/registry/verified-stream";
import { end } from "../../doubles/registry-double";
import { CONFIG, LAYER, sha512 } from "../../registry/strange/strange-images";
import type { StrangeImage, StrangeManifest } from "../../registry/strange/strange-images";
import type { FaultRule } from "./fault-proxy";

/**
 * Puts an image that no client of ours would put there into a genuine registry that wants no password,
 * under the tag `1`.
 *
 * @throws Error if the registry does not take it, or does not give away what is to be gone.
 */
export async function putStrange(
  host: string,
  repository: string,
  { manifests, gone }: Pick<StrangeImage, "manifests" | "gone">,
): Promise<void> {
  const all = manifests();
  for (const { mediaType, digest, bytes } of all) {
    const reference = digest === all.at(-1)!.digest ? "1" : digest;
    const headers = { "content-type": mediaType };
    await send(host, `${repository}/manifests/${reference}`, {
      method: "PUT",
      headers,
      body: bytes,
    });
  }
  if (gone !== undefined) await send(host, `${repository}/manifests/${gone}`, { method: "DELETE" });
}

/** Puts the blobs of all strange images there, under both of their digests. */
export async function putStrangeBlobs(host: string, repository: string): Promise<void> {
  const client = new HttpRegistry({ registry: host });
  for (const blob of [CONFIG, LAYER]) {
    await client.putBlob(repository, descriptorOf("", blob), bytesSource(blob));
  }
  const begun = await send(host, `${repository}/blobs/uploads/`, { method: "POST" });
  const upload = new URL(begun.headers.get("location")!, `http://${host}`);
  upload.searchParams.set("digest", sha512(LAYER));
  const headers = { "content-type": "application/octet-stream" };
  await send(host, upload, { method: "PUT", headers, body: LAYER });
}

/** What a proxy answers for an image that no registry takes; its blobs are the registry's. */
export function answering(manifests: readonly StrangeManifest[]): FaultRule {
  const known = new Map(manifests.map((manifest) => [manifest.digest as string, manifest]));
  known.set("1", manifests.at(-1)!);
  return {
    method: /^(GET|HEAD)$/,
    path: /\/manifests\//,
    fault: ({ request, response, forward }) => {
      const manifest = known.get(/[^/]+$/.exec(request.url ?? "")?.[0] ?? "");
      if (manifest === undefined) return forward();
      const { mediaType, digest, bytes } = manifest;
      const headers = { "content-type": mediaType, "docker-content-digest": digest };
      return end(response, 200, headers, request.method === "GET" ? bytes.toString() : "");
    },
  };
}

async function send(host: string, path: string | URL, options: RequestInit): Promise<Response> {
  const url = typeof path === "string" ? new URL(`http://${host}/v2/${path}`) : path;
  const answer = await fetch(url, options);
  if (answer.ok) return answer;
  throw new Error(`${url.pathname} answered ${answer.status}: ${await answer.text()}`);
}

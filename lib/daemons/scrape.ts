import type { MetricsNode, Scope } from "../policy/graph/graph";
import { MOST_BYTES } from "../policy/scraping/exposition-format";

/** How long a daemon may take to answer: what Prometheus gives it by default. */
const TIMEOUT_MILLISECONDS = 10_000;

/**
 * Asks a daemon for its metrics as Prometheus does. Whatever comes back, or does not, is a fact for
 * the rules: this does not fail.
 *
 * @param url of the metrics: `http://127.0.0.1:8600/metrics`.
 */
export async function scrape(url: string, daemon: string, scope: Scope): Promise<MetricsNode> {
  const node = { id: `metrics of ${daemon}`, scope };
  try {
    const response = await fetch(url, {
      headers: { accept: "text/plain;version=0.0.4" },
      // A redirect leads to somebody else's metrics.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    const { status } = response;
    const contentType = response.headers.get("content-type") ?? "";
    return { ...node, status, contentType, body: await bodyOf(response) };
  } catch {
    return { ...node, status: undefined, contentType: "", body: "" };
  }
}

/** Up to just more than is allowed: a daemon may have no end. */
async function bodyOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > MOST_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

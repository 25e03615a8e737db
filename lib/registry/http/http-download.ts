import type { HttpAnswer, HttpRequest } from "./http-exchange";
import { RegistryError, TransientError } from "../registry-error";

/**
 * A blob's bytes as they come. A connection that breaks is taken up again where it broke: by a range
 * request, or, where the registry knows no ranges, by reading past what was had already.
 *
 * @param exchange sends a request, with its own retries.
 * @param attempts connections in all.
 * @throws RegistryError `missing` if there is no such blob, `unreachable` after the last attempt.
 */
export async function* download(
  exchange: (request: HttpRequest) => Promise<HttpAnswer>,
  request: HttpRequest,
  attempts: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await openAt(exchange, request, offset);
    let skip = answer.status === 206 ? 0 : offset;
    try {
      for await (const chunk of answer.body()) {
        const fresh = chunk.subarray(skip);
        skip -= chunk.length - fresh.length;
        offset += fresh.length;
        yield fresh;
      }
      return;
    } catch (error) {
      if (!(error instanceof TransientError) || attempt >= attempts) throw error;
    }
  }
}

async function openAt(
  exchange: (request: HttpRequest) => Promise<HttpAnswer>,
  request: HttpRequest,
  offset: number,
): Promise<HttpAnswer> {
  const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
  const answer = await exchange({ ...request, headers });
  const range = answer.header("content-range");
  if (answer.status === 200) return answer;
  if (answer.status === 206 && range?.startsWith(`bytes ${offset}-`) === true) return answer;
  answer.discard();
  throw answer.status === 404
    ? new RegistryError("missing", `${request.what}: it is not there`)
    : new RegistryError("refused", `${request.what}: the registry answered ${answer.status}`);
}

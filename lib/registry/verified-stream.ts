import { createHash } from "node:crypto";
import type { Digest } from "../support/digest";
import { RegistryError } from "./registry-error";

/** Bytes that can be read again from the start, as a retried upload has to. */
export type BlobSource = () => AsyncIterable<Uint8Array>;

/** Content known by digest and size before it is read. */
export interface Content {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What a stream that {@link verifiedStream} made has to be. */
const contents = new WeakMap<AsyncIterable<Uint8Array>, Content>();

/**
 * Passes a stream on, chunk by chunk, and fails unless it is exactly the announced bytes: as soon as
 * there are too many, else at its end, before it gives the last chunk. Whoever reads it must keep
 * nothing before it has ended. A stream that is verified for this content already is given back as it
 * is, so that what is copied from one registry to another is hashed once.
 *
 * @throws RegistryError `corrupt`.
 */
export function verifiedStream(
  stream: AsyncIterable<Uint8Array>,
  content: Content,
): AsyncIterable<Uint8Array> {
  const known = contents.get(stream);
  if (known?.digest === content.digest && known.size === content.size) return stream;
  const verified = verify(stream, content);
  contents.set(verified, content);
  return verified;
}

async function* verify(
  stream: AsyncIterable<Uint8Array>,
  { digest, size }: Content,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash("sha256");
  let length = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > size) {
      throw new RegistryError("corrupt", `${digest} has more than the announced ${size} bytes`);
    }
    hash.update(chunk);
    if (last !== undefined) yield last;
    last = chunk;
  }
  if (length < size) {
    throw new RegistryError("corrupt", `${digest} has ${length} of the announced ${size} bytes`);
  }
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== digest) throw new RegistryError("corrupt", `${digest} has the content of ${found}`);
  if (last !== undefined) yield last;
}

/** Bytes already in memory as a source. */
export function bytesSource(bytes: Uint8Array): BlobSource {
  return async function* () {
    yield await Promise.resolve(bytes);
  };
}

/**
 * Collects a stream that is known to be small.
 *
 * @throws RegistryError `refused` if it has more than `limit` bytes.
 */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  where: string,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw new RegistryError("refused", `${where} is above ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a stream to its end for its checks alone. */
export async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

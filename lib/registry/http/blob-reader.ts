import type { BlobSource } from "../verified-stream";

/** One time through the source. */
interface Pass {
  readonly chunks: AsyncIterator<Uint8Array>;
  /** Where {@link rest} begins. */
  position: number;
  /** What was read from the source and not given yet. */
  rest: Uint8Array;
  /** Whether a part is being read, or was left in the middle. */
  busy: boolean;
}

/**
 * Reads a source in parts. Parts that follow each other are one pass over the source. One that begins
 * earlier, or comes while another is not read to its end, opens it again and reads past what is not
 * wanted; who still reads the other one does not disturb it.
 */
export class BlobReader {
  readonly #open: BlobSource;
  #pass: Pass | undefined;

  constructor(open: BlobSource) {
    this.#open = open;
  }

  /** The bytes from one offset up to, not including, another; fewer if the source ends before. */
  async *read(from: number, to: number): AsyncGenerator<Uint8Array, void, undefined> {
    const pass = this.#passAt(from);
    pass.busy = true;
    while (pass.position < to) {
      if (pass.rest.length === 0 && !(await fill(pass))) break;
      const skipped = Math.max(0, from - pass.position);
      const taken = pass.rest.subarray(0, to - pass.position);
      pass.rest = pass.rest.subarray(taken.length);
      pass.position += taken.length;
      if (taken.length > skipped) yield taken.subarray(skipped);
    }
    pass.busy = false;
  }

  /** Gives the source back; reading on opens it anew. */
  close(): void {
    // A source that is in the middle of a read ends after it, and nobody waits for that.
    void this.#pass?.chunks.return?.().catch(() => undefined);
    this.#pass = undefined;
  }

  #passAt(from: number): Pass {
    if (this.#pass?.busy === false && this.#pass.position <= from) return this.#pass;
    this.close();
    const chunks = this.#open()[Symbol.asyncIterator]();
    return (this.#pass = { chunks, position: 0, rest: new Uint8Array(), busy: false });
  }
}

async function fill(pass: Pass): Promise<boolean> {
  const next = await pass.chunks.next();
  if (next.done === true) return false;
  pass.rest = next.value;
  return true;
}

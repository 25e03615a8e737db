/** What is being done with an image. */
export type MirrorPhase = "copy" | "signatures" | "sign" | "verify" | "done" | "failed";

/** How far one image of a mirror has come. */
export interface MirrorProgress {
  /** The image's name. */
  readonly image: string;
  readonly phase: MirrorPhase;
  /** Bytes that are in place at the target, copied or found there; of what is only verified, those that were read. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

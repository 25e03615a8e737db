import type { MirrorProgress } from "../registry/mirror/progress";
import { bytes } from "../report/markdown";
import type { Terminal } from "./terminal";

/** Shows how a mirror's images come along. */
export interface MirrorDisplay {
  update(progress: MirrorProgress): void;
  /** Prints a line above the bars. */
  say(text: string): void;
  /** Takes the bars away; what was said of images that ended stays. */
  close(): void;
}

/** How often the bars are drawn anew, in milliseconds. */
const FRAME = 100;

/**
 * A bar for each image that is worked on, if a person watches; a line for each image that has ended,
 * in any case.
 *
 * @param total images of the run.
 */
export async function showMirror(
  terminal: Terminal,
  total: number,
  stream: NodeJS.WriteStream = process.stderr,
): Promise<MirrorDisplay> {
  if (!terminal.terminal || !stream.isTTY) return plainDisplay(terminal);
  const { createLogUpdate } = await import("log-update");
  return new LiveDisplay(terminal, total, createLogUpdate(stream), () => stream.columns);
}

function plainDisplay(terminal: Terminal): MirrorDisplay {
  return {
    update: (progress) => {
      if (hasEnded(progress)) terminal.error(endLine(progress));
    },
    say: terminal.error,
    close: () => undefined,
  };
}

interface Region {
  (text: string): void;
  clear(): void;
}

class LiveDisplay implements MirrorDisplay {
  readonly #active = new Map<string, MirrorProgress>();
  readonly #timer: NodeJS.Timeout;
  #ended = 0;
  #bytes = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly total: number,
    private readonly region: Region,
    private readonly columns: () => number,
  ) {
    this.#timer = setInterval(() => this.#draw(), FRAME);
    this.#timer.unref();
  }

  update(progress: MirrorProgress): void {
    if (!hasEnded(progress)) {
      this.#active.set(progress.image, progress);
      return;
    }
    this.#active.delete(progress.image);
    this.#ended += 1;
    this.#bytes += progress.bytesDone;
    this.say(endLine(progress));
  }

  say(text: string): void {
    this.region.clear();
    this.terminal.error(text);
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.region.clear();
  }

  #draw(): void {
    const done = { ended: this.#ended, total: this.total, bytes: this.#bytes };
    this.region(mirrorFrame([...this.#active.values()], done, this.columns()));
  }
}

/** The bars of the images that are worked on, and how far the run has come below them. */
export function mirrorFrame(
  active: readonly MirrorProgress[],
  run: { readonly ended: number; readonly total: number; readonly bytes: number },
  columns: number,
): string {
  const under = active.reduce((sum, { bytesDone }) => sum + bytesDone, run.bytes);
  const widest = Math.max(0, ...active.map(({ image }) => image.length));
  const lines = active.map(({ image, phase, bytesDone, bytesTotal }) => {
    const size = `${bytes(bytesDone)} of ${bytes(bytesTotal)}`;
    return `${image.padEnd(widest)} ${bar(bytesDone / Math.max(1, bytesTotal))} ${phase.padEnd(10)} ${size}`;
  });
  // A line that wraps would not be taken away again.
  return [...lines, `${run.ended} of ${run.total} images, ${bytes(under)}`]
    .map((line) => line.slice(0, Math.max(1, columns - 1)))
    .join("\n");
}

const BAR = 20;

function bar(share: number): string {
  const full = Math.round(BAR * Math.min(1, share));
  return `[${"#".repeat(full)}${"-".repeat(BAR - full)}]`;
}

function hasEnded({ phase }: MirrorProgress): boolean {
  return phase === "done" || phase === "failed";
}

function endLine({ image, phase }: MirrorProgress): string {
  return `${image}: ${phase}\n`;
}

import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { MirrorState } from "../registry/mirror/state";
import type { MirrorVerification } from "../registry/mirror/verify";

/** Prometheus metrics of the mirror daemon. */
export class MirrorMetrics {
  readonly #images: Gauge<"result">;
  readonly #signaturesMissing: Gauge;
  readonly #copiedImages: Counter;
  readonly #copiedBytes: Counter;
  readonly #failures: Counter<"failure">;
  readonly #lastGoodSync: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#images = new Gauge({
      name: "atom_mirror_images",
      help: "Images of the fleet's lock by what the last pass found at the target: whole or failed.",
      labelNames: ["result"] as const,
      registers,
    });
    this.#signaturesMissing = new Gauge({
      name: "atom_mirror_signatures_missing",
      help: "Signatures that the last pass did not find at the target: ours, and the upstream's that the source has.",
      registers,
    });
    this.#copiedImages = new Counter({
      name: "atom_mirror_copied_images_total",
      help: "Images copied to the target.",
      registers,
    });
    this.#copiedBytes = new Counter({
      name: "atom_mirror_copied_bytes_total",
      help: "Bytes of the images copied to the target.",
      registers,
    });
    this.#failures = new Counter({
      name: "atom_mirror_failures_total",
      help: "Images that failed in a sync, by kind of failure.",
      labelNames: ["failure"] as const,
      registers,
    });
    this.#lastGoodSync = new Gauge({
      name: "atom_mirror_last_good_sync_timestamp_seconds",
      help: "Unix time of the last sync without a failure.",
      registers,
    });
  }

  /** @param good whether the chart is in place too. */
  synced({ images }: MirrorState, good: boolean): void {
    const failed = images.filter(({ outcome }) => outcome === "failed");
    this.#setImages(images.length - failed.length, failed.length);
    this.#signaturesMissing.set(
      images.reduce(
        (sum, { signed, upstreamSignatures: { found, carried } }) =>
          sum + (signed ? 0 : 1) + (found - carried),
        0,
      ),
    );
    for (const { bytes } of images.filter(({ outcome }) => outcome === "copied")) {
      this.#copiedImages.inc();
      this.#copiedBytes.inc(bytes);
    }
    for (const { failure = "other" } of failed) this.#failures.inc({ failure });
    if (good && failed.length === 0) this.#lastGoodSync.set(Date.now() / 1000);
  }

  verified({ images }: MirrorVerification): void {
    const good = images.filter(({ verification }) => verification.verified).length;
    this.#setImages(good, images.length - good);
    this.#signaturesMissing.set(
      images.filter(({ whole, verification }) => whole && !verification.verified).length,
    );
  }

  #setImages(whole: number, failed: number): void {
    this.#images.set({ result: "whole" }, whole);
    this.#images.set({ result: "failed" }, failed);
  }
}

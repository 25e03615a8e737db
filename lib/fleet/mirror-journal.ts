import { join } from "node:path";
import type { ImageOutcome } from "../registry/mirror/apply";
import { MirrorRecord } from "../registry/mirror/mirror-record";
import type { MirrorPlan } from "../registry/mirror/plan";
import { readMirrorState, writeMirrorState } from "../registry/mirror/state";
import type { MirrorState } from "../registry/mirror/state";
import { readSignatureSet, writeSignatureSet } from "../signing/signature-file";
import type { SignatureRecord } from "../signing/signature";
import { FLEET_FILES } from "./fleet-files";

/** Seconds of work that a killed run may lose. */
const PERIOD = 5;

/**
 * The files of a mirror, `mirror_state.json` and `atom.signatures.json`, while a run goes on: they are
 * written every few seconds, so that a run that is cut off is taken up where it was.
 */
export class MirrorJournal {
  /** What earlier runs wrote. */
  readonly record: MirrorRecord;
  readonly #plan: MirrorPlan;
  readonly #statePath: string;
  readonly #signaturePath: string;
  readonly #outcomes = new Map<string, ImageOutcome>();
  #signatures: readonly SignatureRecord[];
  #writtenAt = performance.now();

  /**
   * @param folder of the files.
   * @param alsoSigned what is signed beside the plan's images: `registry.example:5000/atom/charts/services@sha256:…`.
   * @throws UsageError if a file is there and not understood.
   */
  constructor(plan: MirrorPlan, folder: string, alsoSigned: readonly string[]) {
    this.#plan = plan;
    this.#statePath = join(folder, FLEET_FILES.mirrorState);
    this.#signaturePath = join(folder, FLEET_FILES.signatures);
    const wanted = new Set([...plan.images.map(({ to }) => to), ...alsoSigned]);
    const present = readSignatureSet(this.#signaturePath)?.signatures ?? [];
    this.#signatures = present.filter((signature) => wanted.has(placeOf(signature)));
    this.record = new MirrorRecord(plan.target, readMirrorState(this.#statePath), present);
  }

  add(outcome: ImageOutcome): void {
    this.#outcomes.set(outcome.image.name, outcome);
    if (outcome.signature !== undefined) this.addSignature(outcome.signature);
    if (performance.now() - this.#writtenAt > PERIOD * 1000) this.write();
  }

  /** Takes the place of those that were there for the same digest in the same repository. */
  addSignature(signature: SignatureRecord): void {
    const others = this.#signatures.filter((each) => placeOf(each) !== placeOf(signature));
    this.#signatures = [...others, signature];
  }

  /** Writes both files. What this run has not come to yet stays as it was. */
  write(): void {
    writeMirrorState(this.#statePath, this.#state());
    writeSignatureSet(this.#signaturePath, { version: 1, signatures: this.#signatures });
    this.#writtenAt = performance.now();
  }

  #state(): MirrorState {
    const images = this.#plan.images.flatMap((image) => {
      const known = this.#outcomes.get(image.name)?.image ?? this.record.find(image);
      return known === undefined ? [] : [known];
    });
    const known = images.map(({ repository }) => repository);
    const repositories = [...new Set([...this.record.repositories, ...known])].sort();
    return { version: 1, target: this.#plan.target, images, repositories };
  }
}

function placeOf({ repository, digest }: SignatureRecord): string {
  return `${repository}@${digest}`;
}

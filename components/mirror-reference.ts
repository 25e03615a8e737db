import type { ImageLock } from "../lib/registry/mirror/image";
import { planMirror } from "../lib/registry/mirror/plan";
import type { MirrorPlan } from "../lib/registry/mirror/plan";
import type { MirrorState } from "../lib/registry/mirror/state";
import type { SignatureRecord } from "../lib/signing/signature";
import { checked } from "./usage";

/** Whose signatures count, the signatures there are, and what was mirrored. Nothing in it is secret. */
export interface Signing {
  /** Public keys in PEM; several while a key is rotated. */
  readonly trustedKeys: readonly string[];
  /** From `atom.signatures.json`. */
  readonly signatures: readonly SignatureRecord[];
  /**
   * From `mirror_state.json`. An image that it calls failed, has by another digest or does not have is
   * not deployed.
   *
   * @default - an image's signature alone says that it was mirrored
   */
  readonly mirrorState?: MirrorState;
}

/** What other components need to know of a mirror. `RegistryMirror` is one. */
export interface MirrorReference {
  /** Registry, with a port or a path where it has one. */
  readonly target: string;
  readonly signing: Signing;
  /** Every image at the target by digest, by its name. */
  readonly images: Readonly<Record<string, string>>;
}

/** A mirror that another stack keeps, for a program that only uses its images. */
export function connectMirror(args: {
  readonly target: string;
  readonly images: ImageLock;
  readonly signing: Signing;
}): MirrorReference {
  const { target, signing } = args;
  return { target, signing, images: imagesOf(checked(() => planMirror(args.images, { target }))) };
}

/** The signatures that say to be of a plan's images. Whether they are is for whoever trusts a key. */
export function signaturesOf(
  { images }: MirrorPlan,
  { signatures }: Pick<Signing, "signatures">,
): readonly SignatureRecord[] {
  const own = new Set(images.map(({ to }) => to));
  return signatures.filter(({ repository, digest }) => own.has(`${repository}@${digest}`));
}

/** Every image of a plan at its target by digest. */
export function imagesOf({ images }: MirrorPlan): Readonly<Record<string, string>> {
  return Object.fromEntries(images.map(({ name, to }) => [name, to]));
}

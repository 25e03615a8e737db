import type { ChartValues } from "../lib/chart/values";
import { parseReference, repositoryOf } from "../lib/registry/reference";
import type { MirrorState } from "../lib/registry/mirror/state";
import { fieldPath } from "../lib/support/strict-schema";
import { Problems } from "../lib/support/problem";
import type { SignatureRecord } from "../lib/signing/signature";
import type { Digest } from "../lib/support/digest";
import { goodSignatures } from "./good-signatures";
import type { MirrorReference } from "./mirror-reference";

const MEND = "mirror and sign it with: atom mirror sync --apply";

/** The image of a service, as the mirror's plan has it. */
interface UsedImage {
  readonly name: string;
  readonly repository: string;
  readonly digest: Digest;
}

/**
 * Checks that each image of an enabled service is in the mirror: on its record by the same digest,
 * where there is a record, and signed by a trusted key under the target's name. An image that the
 * mirror does not name is left to the chart, which knows the nearest.
 *
 * @throws UsageError with every service whose image is not, and how to mend it.
 */
export function checkImages(
  { services }: ChartValues,
  { target, images, signing }: MirrorReference,
): void {
  const problems = new Problems();
  for (const [service, { enabled, image: name }] of Object.entries(services)) {
    const reference = enabled && Object.hasOwn(images, name) ? images[name] : undefined;
    if (reference === undefined) continue;
    const fault = imageFault(name, reference, { target, signing });
    if (fault === undefined) continue;
    const path = fieldPath(["services", service, "image"]);
    problems.add(path, `image '${name}' ${reference} ${fault}`, MEND);
  }
  problems.throwIfAny("chart");
}

/** The signatures that count of each image an enabled service uses, once they are checked. */
export function imageSignatures(
  { services }: ChartValues,
  { images, signing }: MirrorReference,
): readonly SignatureRecord[] {
  const used = Object.values(services).filter(({ enabled }) => enabled);
  return [...new Set(used.map(({ image }) => image))].flatMap((name) => {
    const image = usedImage(name, images[name]!);
    return image === undefined ? [] : goodSignatures(image, signing).signatures;
  });
}

/**
 * Why images of a mirror are not to be had, by their names: its record calls them failed, has them by
 * another digest or does not have them. None where there is no record.
 */
export function unmirroredImages({
  target,
  images,
  signing,
}: MirrorReference): Readonly<Record<string, string>> {
  const faults = Object.entries(images).flatMap(([name, reference]) => {
    const image = usedImage(name, reference);
    const fault = image && recordFault(image, target, signing.mirrorState);
    return fault === undefined ? [] : [[name, fault] as const];
  });
  return Object.fromEntries(faults);
}

function imageFault(
  name: string,
  reference: string,
  { target, signing }: Pick<MirrorReference, "target" | "signing">,
): string | undefined {
  const used = usedImage(name, reference);
  if (used === undefined) return "is not named by its digest";
  return recordFault(used, target, signing.mirrorState) ?? signatureFault(used, signing);
}

function usedImage(name: string, reference: string): UsedImage | undefined {
  const { digest } = parseReference(reference);
  return digest && { name, repository: repositoryOf(reference), digest };
}

/** What the mirror's record says against an image; nothing where there is no record. */
function recordFault(
  { name, digest }: UsedImage,
  target: string,
  state: MirrorState | undefined,
): string | undefined {
  if (state === undefined) return undefined;
  if (state.target !== target) return `is not mirrored: the mirror's state is of ${state.target}`;
  const known = state.images.find((image) => image.name === name);
  if (known === undefined) return "is not mirrored: the mirror's state does not have it";
  if (known.digest !== digest) return `is not mirrored: the mirror's state has ${known.digest}`;
  if (known.outcome !== "failed") return undefined;
  return `is not mirrored: its copy failed (${known.cause ?? "unknown cause"})`;
}

function signatureFault(
  { repository, digest }: UsedImage,
  signing: MirrorReference["signing"],
): string | undefined {
  const { signatures, reason } = goodSignatures({ repository, digest }, signing);
  return signatures.length > 0 ? undefined : `is signed by no trusted key (${reason})`;
}

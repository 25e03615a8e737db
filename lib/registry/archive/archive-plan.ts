import { Problems } from "../../support/problem";
import type { MirrorPlan, PlannedImage } from "../mirror/plan";
import { repositoryOf } from "../reference";

/**
 * The images of a mirror as they lie in an archive: each under the full name of its source,
 * `ghcr.io/atom-cloud/api:7.2.0`, so that any mirror can be filled from there.
 *
 * @param from where they are read: at their sources, or at the plan's target.
 * @throws UsageError for two images of one source and different digests: a lock that was made at two
 * times can have them.
 */
export function planArchive(plan: MirrorPlan, from: "source" | "target"): MirrorPlan {
  const problems = new Problems();
  const known = new Map<string, PlannedImage>();
  for (const image of plan.images) {
    const name = archiveName(image);
    const other = known.get(name);
    if (other !== undefined && other.digest !== image.digest) {
      problems.add(
        image.name,
        `'${name}' is ${image.digest} here and ${other.digest} for '${other.name}'`,
        "lock both anew with: atom mirror lock --update --apply",
      );
    }
    known.set(name, image);
  }
  problems.throwIfAny("archive");
  const images = plan.images.map((image) => ({
    ...image,
    from: from === "source" ? image.from : image.to,
    repository: repositoryOf(image.source),
  }));
  return { target: plan.target, images };
}

/** What an image is called in an archive: its `org.opencontainers.image.ref.name`. */
export function archiveName(image: PlannedImage): string {
  return `${repositoryOf(image.source)}:${image.tag}`;
}

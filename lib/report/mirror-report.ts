import type { MirrorState } from "../registry/mirror/state";
import { failedImages } from "../registry/mirror/state";
import { markdownTable } from "../support/text-table";
import { bullets, bytes, code, count, page, shortDigest } from "./markdown";

/** `G.3.2_registry_mirror.md` */
export function registryMirrorPage({ target, images }: MirrorState): string {
  const failed = failedImages({ version: 1, target, images });
  const total = images.reduce((sum, image) => sum + image.bytes, 0);
  return page(
    "Registry mirror",
    `${count(images.length - failed.length, "image")} of ${images.length} in ${code(target)}, ${bytes(total)} in all. ` +
      `Each was copied by digest, signed, and read again from the target. ` +
      `The images are stand-ins, made on this machine: a simulation has no network to fetch the vendor's.`,
    markdownTable(
      [
        "image",
        "source",
        "digest",
        "platforms",
        "size",
        "upstream signatures",
        "signed",
        "verified",
        "outcome",
      ],
      images.map((image) => [
        image.name,
        code(image.source),
        shortDigest(image.digest),
        image.platforms.join(", "),
        bytes(image.bytes),
        `${image.upstreamSignatures.carried} of ${image.upstreamSignatures.found}`,
        image.signed ? "yes" : "no",
        image.verified ? "yes" : "no",
        image.outcome,
      ]),
    ),
    failed.length > 0 ? "## Failed" : undefined,
    failed.length > 0
      ? bullets(
          failed.map(
            ({ name, digest, cause }) => `${name} ${code(digest)}: ${cause ?? "no cause known"}`,
          ),
        )
      : undefined,
    "## Next",
    bullets(
      failed.length > 0
        ? ["Mend what failed and run again: images that are in place are not copied twice."]
        : ["Keep `atom.lock.json` under version control: it says which digest each tag stood for."],
    ),
  );
}

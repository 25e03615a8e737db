import { buildMultiPlatformImage } from "../registry/image-builder";
import type { ImageDeclaration } from "../registry/mirror/image";
import { formatReference, parseReference } from "../registry/reference";
import type { SourceOf } from "../registry/registry-client";

const DEFAULT_PLATFORMS = ["linux/amd64", "linux/arm64"];

/**
 * The images as a simulation declares them: by tag or pattern alone, because a stand-in cannot be
 * made to have the digest that the vendor's image has.
 */
export function standInDeclarations(images: readonly ImageDeclaration[]): ImageDeclaration[] {
  return images.map((image) => {
    if (image.tags !== undefined) return image;
    const { registry, repository, tag = "stand-in" } = parseReference(image.source);
    return { ...image, source: formatReference({ registry, repository, tag }) };
  });
}

/**
 * Makes an image for each declaration, at the place that it is declared to come from: real OCI
 * images, small, the same bytes each time. They stand in for the vendor's, which a machine without
 * a network cannot reach.
 */
export async function buildStandInImages(
  images: readonly ImageDeclaration[],
  sourceOf: SourceOf,
): Promise<void> {
  for (const { name, source, tags, platforms = DEFAULT_PLATFORMS } of images) {
    const { registry, repository, tag = tags && tagLike(tags.match) } = parseReference(source);
    await buildMultiPlatformImage(sourceOf(registry), {
      repository,
      tag: tag ?? "stand-in",
      platforms: [...platforms],
      files: {
        "etc/os-release": 'ID=atom\nNAME="ATOM Cloud"\nVARIANT="stand-in"\n',
        [`opt/atom/${name}/README`]: `Stands in for ${source} in a simulation.\n`,
      },
      config: {
        User: "65532:65532",
        Entrypoint: [`/opt/atom/${name}/${name}`],
        ExposedPorts: { "8080/tcp": {}, "9090/tcp": {} },
        Labels: {
          "org.opencontainers.image.title": name,
          "org.opencontainers.image.version": tag ?? "stand-in",
          "org.opencontainers.image.vendor": "ATOM Cloud (stand-in)",
        },
      },
    });
  }
}

/** A tag that a pattern matches: nobody can tell which tags the vendor has. */
function tagLike(match: string): string {
  return match.replace(/[*?]/g, "0");
}

import { buildMultiPlatformImage } from "../registry/image-builder";
import type { ImageDeclaration } from "../registry/image";
import { parseReference } from "../registry/reference";
import type { SourceOf } from "../registry/registry-client";

const DEFAULT_PLATFORMS = ["linux/amd64", "linux/arm64"];

/**
 * Makes an image for every one that a fleet declares, at the place that it is declared to come
 * from: real OCI images, small, the same bytes each time. They stand in for the vendor's, which a
 * machine without a network cannot reach.
 */
export async function buildStandInImages(
  images: readonly ImageDeclaration[],
  sourceOf: SourceOf,
): Promise<void> {
  for (const { name, source, platforms = DEFAULT_PLATFORMS } of images) {
    const { registry, repository, tag } = parseReference(source);
    // An image that is declared by digest alone cannot be made to have that digest.
    if (tag === undefined) continue;
    await buildMultiPlatformImage(sourceOf(registry), {
      repository,
      tag,
      platforms: [...platforms],
      files: {
        "etc/os-release": `ID=atom\nNAME="ATOM Cloud"\nVARIANT="stand-in"\n`,
        [`opt/atom/${name}/README`]: `Stands in for ${source} in a simulation.\n`,
      },
      config: {
        User: "65532:65532",
        Entrypoint: [`/opt/atom/${name}/${name}`],
        ExposedPorts: { "8080/tcp": {}, "9090/tcp": {} },
        Labels: {
          "org.opencontainers.image.title": name,
          "org.opencontainers.image.version": tag,
          "org.opencontainers.image.vendor": "ATOM Cloud (stand-in)",
        },
      },
    });
  }
}

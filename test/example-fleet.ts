import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageChart } from "../lib/chart/package";
import { readFleet } from "../lib/fleet/read-fleet";
import { OciLayout } from "../lib/registry/layout/oci-layout";
import { planMirror } from "../lib/registry/mirror/plan";
import { resolveImages } from "../lib/registry/mirror/resolve";
import { signedName } from "../lib/registry/mirror/verify";
import { signImage } from "../lib/signing/image-signature";
import { generateSigningKey } from "../lib/signing/key";
import { buildStandInImages } from "../lib/simulation/stand-in-images";
import type { StackInputs } from "../stacks/stack-inputs";

export const EXAMPLE_FLEET = "examples/fleet/atom.yaml";

/** The example fleet with its images locked, the chart's signature first, and one of each image, as the stacks take it. */
export async function exampleInputs(): Promise<StackInputs> {
  const { fleet, folder } = readFleet(EXAMPLE_FLEET);
  const layoutFolder = temporaryFolder();
  try {
    const layout = new OciLayout(layoutFolder);
    await buildStandInImages(fleet.images, () => layout);
    const images = await resolveImages(fleet.images, () => layout);
    const key = generateSigningKey();
    const { target } = fleet.registry;
    const { repository, digest } = packageChart();
    const toSign = [
      { repository: `${target}/${repository}`, digest },
      ...planMirror(images, { target }).images.map((image) => ({
        repository: signedName(image),
        digest: image.digest,
      })),
    ];
    return {
      fleet,
      folder,
      images,
      signing: {
        trustedKeys: [key.publicKeyPem],
        signatures: toSign.map((image) => signImage(image, key)),
      },
    };
  } finally {
    rmSync(layoutFolder, { recursive: true });
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "atom-test-"));
}

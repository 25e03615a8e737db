import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageChart } from "../lib/chart/package";
import { readFleet } from "../lib/fleet/read-fleet";
import { OciLayout } from "../lib/registry/layout/oci-layout";
import { resolveImages } from "../lib/registry/mirror/resolve";
import { signImage } from "../lib/signing/image-signature";
import { generateSigningKey } from "../lib/signing/key";
import { buildStandInImages } from "../lib/simulation/stand-in-images";
import type { StackInputs } from "../stacks/stack-inputs";

export const EXAMPLE_FLEET = "examples/fleet/atom.yaml";

/** The example fleet with its images locked and its chart signed, as the stacks take it. */
export async function exampleInputs(): Promise<StackInputs> {
  const { fleet, folder } = readFleet(EXAMPLE_FLEET);
  const layoutFolder = temporaryFolder();
  try {
    const layout = new OciLayout(layoutFolder);
    await buildStandInImages(fleet.images, () => layout);
    const images = await resolveImages(fleet.images, () => layout);
    const key = generateSigningKey();
    const { repository, digest } = packageChart();
    const signed = { repository: `${fleet.registry.target}/${repository}`, digest };
    return {
      fleet,
      folder,
      images,
      signing: { trustedKeys: [key.publicKeyPem], signatures: [signImage(signed, key)] },
    };
  } finally {
    rmSync(layoutFolder, { recursive: true });
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "atom-test-"));
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageChart } from "../lib/chart/package";
import { renderFiles } from "../lib/chart/render-files";
import { readFleet } from "../lib/fleet/read-fleet";
import type { Fleet } from "../lib/fleet/schema";
import { applyStages } from "../lib/kubernetes/apply-order";
import { evaluate } from "../lib/policy/evaluation/evaluate";
import { graphFromResources } from "../lib/policy/graph/graph-from-resources";
import { ALL_RULES } from "../lib/policy/rules";
import { OciLayout } from "../lib/registry/layout/oci-layout";
import { resolveImages } from "../lib/registry/mirror/resolve";
import { signImage } from "../lib/signing/image-signature";
import { generateSigningKey } from "../lib/signing/key";
import { recordFleet } from "../lib/simulation/chart-step";
import { buildStandInImages } from "../lib/simulation/stand-in-images";
import { packageRoot } from "../lib/support/package-root";

/** The example's simulated region with as many tenants as asked for. */
function fleetOf(tenants: number): { fleet: Fleet; folder: string } {
  const { fleet, folder } = readFleet(join(packageRoot(), "examples/fleet/atom.yaml"), {
    SELFHOST_REGION: "us-east",
  });
  const template = fleet.tenants[0]!;
  return {
    folder,
    fleet: {
      ...fleet,
      tenants: Array.from({ length: tenants }, (_, index) => ({
        ...template,
        name: `tenant-${index}`,
      })),
    },
  };
}

async function main(tenants: number): Promise<void> {
  const { fleet, folder } = fleetOf(tenants);
  const work = mkdtempSync(join(tmpdir(), "atom-bench-"));
  try {
    const layout = new OciLayout(work);
    await buildStandInImages(fleet.images, () => layout);
    const images = await resolveImages(fleet.images, () => layout);
    const key = generateSigningKey();
    const { repository, digest } = packageChart();
    const signature = signImage(
      { repository: `${fleet.registry.target}/${repository}`, digest },
      key,
    );
    const signing = { trustedKeys: [key.publicKeyPem], signatures: [signature] };
    let violations = 0;
    for await (const { resources } of recordFleet({ fleet, folder, images, signing })) {
      const graph = graphFromResources(resources, { trustedKeys: signing.trustedKeys });
      renderFiles(applyStages(graph.objects.map(({ object }) => object)).flat());
      for (const { findings } of evaluate(graph, ALL_RULES)) violations += findings.length;
    }
    if (violations > 0) throw new Error(`${violations} violations in a fleet that has none`);
  } finally {
    rmSync(work, { recursive: true });
  }
}

void main(Number(process.argv[2])).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});

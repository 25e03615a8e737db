import { join } from "node:path";
import { packageChart } from "../chart/package";
import { renderFiles } from "../chart/render-files";
import { toYaml } from "../chart/yaml";
import { readFleetLock } from "../fleet/fleet-files";
import { readFleet } from "../fleet/read-fleet";
import { renderTenantChart } from "../fleet/tenant-chart";
import { writeFileAtomic } from "../support/atomic-file";
import type { CommandContext } from "./command-context";

/** Prints or writes the manifests of one tenant's services. */
export function renderForTenant(
  { terminal }: CommandContext,
  path: string,
  { out, ...place }: { tenant: string; region: string; out?: string },
): void {
  const loaded = readFleet(path, terminal.environment);
  const objects = renderTenantChart(loaded.fleet, readFleetLock(loaded), place);
  if (out === undefined) {
    terminal.out(toYaml(objects));
    return;
  }
  for (const { name, yaml } of renderFiles(objects)) {
    writeFileAtomic(join(out, name), yaml);
    terminal.out(`${join(out, name)}\n`);
  }
}

/** Prints the chart's digest, and writes the files that make it up. */
export function describePackage({ terminal }: CommandContext, { out }: { out?: string }): void {
  const { name, version, digest, layers } = packageChart();
  if (out !== undefined) {
    for (const { file, bytes } of layers) writeFileAtomic(join(out, file), bytes);
    terminal.error(`${layers.length} files of ${name} ${version} written to ${out}\n`);
  }
  terminal.out(`${digest}\n`);
}

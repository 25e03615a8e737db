import { join } from "node:path";
import { helmValuesOf } from "../chart/helm-values";
import { packageChart } from "../chart/package";
import { renderFiles } from "../chart/render-files";
import { toYaml, yamlDocument } from "../chart/yaml";
import { readFleetLock } from "../fleet/fleet-files";
import { readFleet } from "../fleet/read-fleet";
import { renderTenantChart, tenantChartInput } from "../fleet/tenant-chart";
import type { TenantPlace } from "../fleet/tenant-chart";
import { writeFileAtomic } from "../support/atomic-file";
import type { CommandContext } from "./command-context";

/** Prints or writes the manifests of one tenant's services. */
export function renderForTenant(
  { terminal }: CommandContext,
  path: string,
  { out, ...place }: TenantPlace & { readonly out?: string },
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

/** Prints the values with which Helm makes the same of the chart. */
export function printValues(
  { terminal }: CommandContext,
  path: string,
  { json, ...place }: TenantPlace & { readonly json?: true },
): void {
  const loaded = readFleet(path, terminal.environment);
  const values = helmValuesOf(tenantChartInput(loaded.fleet, readFleetLock(loaded), place));
  terminal.out(json ? `${JSON.stringify(values, null, 2)}\n` : yamlDocument(values));
}

/** Prints the chart's digest, and writes the files that make it up. */
export function describePackage(
  { terminal }: CommandContext,
  { out, json }: { readonly out?: string; readonly json?: true },
): void {
  const { name, version, repository, digest, files, archive } = packageChart();
  if (out !== undefined) {
    for (const file of files) writeFileAtomic(join(out, name, file.name), file.text);
    writeFileAtomic(join(out, `${name}-${version}.tgz`), archive.bytes);
    terminal.error(`${files.length} files of ${name} ${version} written to ${join(out, name)}\n`);
  }
  const about = { name, version, repository, digest };
  terminal.out(json ? `${JSON.stringify(about, null, 2)}\n` : `${digest}\n`);
}

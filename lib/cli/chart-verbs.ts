import { rmSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { helmValuesOf } from "../chart/helm-values";
import { packageChart } from "../chart/package";
import { MANIFEST_FILES, renderFiles } from "../chart/render-files";
import { readFleetLock } from "../fleet/fleet-files";
import { readFleet } from "../fleet/read-fleet";
import { renderTenantChart, tenantChartInput } from "../fleet/tenant-chart";
import type { TenantPlace } from "../fleet/tenant-chart";
import { writeFileAtomic } from "../support/atomic-file";
import { entriesBelow } from "../support/entries-below";
import { UsageError } from "../support/problem";
import { unwrittenFile } from "../support/unwritten-file";
import { toYaml, yamlDocument } from "../support/yaml-writer";
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
  const files = renderFiles(objects);
  for (const { name, yaml } of files) {
    writeFileAtomic(join(out, name), yaml);
    terminal.out(`${join(out, name)}\n`);
  }
  // The folder is for `kubectl apply -f`: what was rendered before, and is no more, must not be applied again.
  const written = new Set(files.map(({ name }) => name));
  for (const name of MANIFEST_FILES) {
    if (!written.has(name)) rmSync(join(out, name), { force: true });
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
  if (out === undefined) {
    terminal.error("nothing was written; use --out FOLDER to write it\n");
  } else {
    refuseOthers(join(out, name), new Set(files.map((file) => file.name)));
    for (const file of files) writeFileAtomic(join(out, name, file.name), file.text);
    writeFileAtomic(join(out, `${name}-${version}.tgz`), archive.bytes);
    terminal.error(`${files.length} files of ${name} ${version} written to ${join(out, name)}\n`);
  }
  const about = { name, version, repository, digest };
  terminal.out(json ? `${JSON.stringify(about, null, 2)}\n` : `${digest}\n`);
}

/**
 * A template that somebody else left in the folder would be installed with the chart.
 *
 * @throws UsageError if the folder holds a file that is not the chart's.
 */
function refuseOthers(folder: string, own: ReadonlySet<string>): void {
  const others = presentBelow(folder)
    .filter(({ entry }) => !entry.isDirectory())
    .map(({ path }) => relative(folder, path).split(sep).join("/"))
    .filter((name) => !own.has(name));
  if (others.length === 0) return;
  throw new UsageError("chart", [
    {
      path: folder,
      message: `it holds files that are not the chart's: ${others.slice(0, 5).join(", ")}`,
      mend: "remove them, or choose another folder",
    },
  ]);
}

function presentBelow(folder: string): ReturnType<typeof entriesBelow> {
  try {
    return entriesBelow(folder);
  } catch (error) {
    // What cannot be looked into takes no file either.
    throw unwrittenFile(error, folder);
  }
}

import { synthesizeServices } from "../chart/services-chart";
import { readFleetLock } from "../fleet/fleet-files";
import { regionWithCluster } from "../fleet/fleet-parts";
import { readFleet } from "../fleet/read-fleet";
import type { LoadedFleet } from "../fleet/read-fleet";
import { renderTenantChart } from "../fleet/tenant-chart";
import type { TenantPlace } from "../fleet/tenant-chart";
import { diffObjects, identityOf } from "../kubernetes/diff-objects";
import type { FieldChange, ObjectChange } from "../kubernetes/diff-objects";
import { expandList } from "../kubernetes/expand-list";
import { tenantNamespace } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { ascii } from "../support/ascii";
import { UsageError } from "../support/problem";
import { readLiveObjects } from "./chart-live";
import type { CommandContext } from "./command-context";
import { parseManifests } from "./manifest-documents";
import { namesOf, readManifestFiles } from "./manifest-files";
import type { ManifestFileText } from "./manifest-files";
import { EXIT } from "./terminal";

/** What `atom chart diff` is told. */
export interface ChartDiffOptions extends TenantPlace {
  /** A file of manifests, a folder of them, or `-` for standard input. */
  readonly against?: string;
  readonly live?: true;
  /** The kube context of the cluster. @default - the fleet's */
  readonly context?: string;
  readonly json?: true;
}

/** Says what applying a tenant's manifests would change about others, or about its cluster. */
export async function diffForTenant(
  { terminal, finish }: CommandContext,
  path: string,
  options: ChartDiffOptions,
): Promise<void> {
  const { against, json } = options;
  // A context is named for its cluster's sake.
  const isLive = options.live === true || options.context !== undefined;
  if (isLive === (against !== undefined)) throw notOne(options);
  const loaded = readFleet(path, terminal.environment);
  const rendered = renderTenantChart(loaded.fleet, readFleetLock(loaded), options);
  const found =
    against === undefined
      ? await readLive(loaded, options, rendered)
      : await readManifests(against);
  const identities = new Set(rendered.map(identityOf));
  const before = found.filter(
    (object) => identities.has(identityOf(object)) || isService(object, options.tenant),
  );
  const changes = diffObjects(before, rendered, { whole: against !== undefined });
  if (json) terminal.out(`${JSON.stringify({ equal: changes.length === 0, changes }, null, 2)}\n`);
  else terminal.out(changes.map(changeText).join(""));
  terminal.error(`${summary(changes, rendered.length)}\n`);
  if (changes.length > 0) finish(EXIT.failed);
}

/** Everything of the kinds that the chart makes, in the tenant's namespace. */
function readLive(
  { fleet }: LoadedFleet,
  { tenant, region, context }: ChartDiffOptions,
  rendered: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const { source } = regionWithCluster(fleet, region).cluster;
  const named = context ?? ("context" in source ? source.context : undefined);
  if (named === undefined) {
    const message = `the fleet names no kube context for the cluster of ${region}`;
    throw new UsageError("diff", [{ path: "--live", message, mend: "name it with --context" }]);
  }
  const kinds = [...synthesizeServices().map(({ object }) => object), ...rendered];
  return readLiveObjects(named, tenantNamespace(tenant), kinds);
}

async function readManifests(path: string): Promise<KubernetesObject[]> {
  const documents = (await readFiles(path)).map((file) => ({ file, parsed: parseManifests(file) }));
  // A pipe from a command that failed holds nothing. A list without items says that there is nothing.
  if (documents.every(({ parsed }) => parsed.length === 0)) {
    const message = "holds no Kubernetes object, so there is nothing to compare with";
    throw new UsageError("diff", [{ path: namesOf([path]), message }]);
  }
  return documents.flatMap(({ file, parsed }) =>
    parsed
      .flatMap((document) => expandList(document as KubernetesObject))
      .map((object) => {
        if (isObject(object)) return object;
        throw new UsageError(`manifest ${file.path}`, [
          { path: "", message: "holds what is no Kubernetes object with a name" },
        ]);
      }),
  );
}

/** `atom audit` reads the same files, and says so. */
async function readFiles(path: string): Promise<readonly ManifestFileText[]> {
  try {
    return await readManifestFiles([path]);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError("diff", error.problems) : error;
  }
}

function isObject(document: unknown): document is KubernetesObject {
  if (typeof document !== "object" || document === null) return false;
  const { apiVersion, kind, metadata } = document as Record<string, unknown>;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return false;
  return typeof (metadata as { readonly name?: unknown } | null | undefined)?.name === "string";
}

/** Whether an object is one of a tenant's services. Those of its boundary do not say whose instance they are. */
function isService({ metadata }: KubernetesObject, tenant: string): boolean {
  const label = (name: string) => metadata.labels?.[`app.kubernetes.io/${name}`];
  return (
    label("managed-by") === "atom-selfhost" &&
    label("part-of") === "atom" &&
    label("instance") === tenant
  );
}

function changeText({ change, object, fields }: ObjectChange): string {
  return `${[change.padEnd(WIDTH) + ascii(object), ...fields.map(fieldText)].join("\n")}\n`;
}

const WIDTH = "removed  ".length;
/** Characters of a value that are shown: what differs may be a whole file. */
const LONGEST = 160;

function fieldText({ path, before, after }: FieldChange): string {
  return `${" ".repeat(WIDTH)}${path}: ${valueText(before)} -> ${valueText(after)}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return "(none)";
  // What others wrote may hold what a terminal obeys.
  const text = ascii(JSON.stringify(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

function summary(changes: readonly ObjectChange[], rendered: number): string {
  if (changes.length === 0) return `no difference in ${rendered} objects`;
  const count = (change: ObjectChange["change"]) =>
    changes.filter((each) => each.change === change).length;
  return `${count("added")} added, ${count("changed")} changed, ${count("removed")} removed; ${rendered} objects rendered`;
}

function notOne({ against, live }: ChartDiffOptions): UsageError {
  const given = against === undefined ? [] : ["--against", live ? "--live" : "--context"];
  const problem =
    given.length === 0
      ? { path: "--against or --live", message: "there is nothing to compare with" }
      : { path: given.join(" and "), message: "name two things to compare with" };
  return new UsageError("diff", [{ ...problem, mend: "give one of the two" }]);
}

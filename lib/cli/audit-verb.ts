import { resolve } from "node:path";
import { readFleet } from "../fleet/read-fleet";
import type { KubernetesObject } from "../kubernetes/object";
import { evaluate } from "../policy/evaluation/evaluate";
import type { ResourceGraph } from "../policy/graph/graph";
import { graphFromClusters } from "../policy/graph/graph-from-manifests";
import { policyMatrix } from "../policy/matrix";
import { ALL_RULES } from "../policy/rules";
import type { Waiver } from "../policy/waiver";
import { bytes as bytesText, count } from "../report/markdown";
import { systemClock } from "../support/clock";
import { UsageError } from "../support/problem";
import type { Problem } from "../support/problem";
import { clustersByFolder, clustersHints, takenForClusters } from "./audit-clusters";
import { endedBySignals } from "./audit-interruptible";
import { filesPassedOver, foldersAside, kustomizationsPassedOver } from "./audit-notes";
import { nameOf, placeFindings, placeObjects } from "./audit-places";
import type { PlacedObject } from "./audit-places";
import { printAudit } from "./audit-print";
import type { AuditOutcome, PrintOptions } from "./audit-print";
import { auditedDocuments, kustomizeBuild, NO_OBJECT } from "./audited-documents";
import type { AuditedDocuments } from "./audited-documents";
import type { CommandContext } from "./command-context";
import { namesOf, readManifestFiles } from "./manifest-files";
import type { ManifestFileText } from "./manifest-files";
import { MOST_NAMED } from "./some-of";
import type { Terminal } from "./terminal";

/** What `atom audit` takes beside the form of its report. */
export interface AuditOptions extends PrintOptions {
  /** Its name in the report. @default "default" */
  readonly cluster?: string;
  /** Whether each folder in the paths is a cluster of its own. */
  readonly clusterPerFolder?: true;
  /** A fleet file: its waivers hold. @default no waivers */
  readonly fleet?: string;
}

/** Decides P1 to P7 over manifests from files, folders and standard input. */
export async function auditManifests(
  context: CommandContext,
  paths: readonly string[],
  options: AuditOptions,
): Promise<void> {
  const { terminal } = context;
  const waivers =
    options.fleet === undefined
      ? []
      : (readFleet(options.fleet, terminal.environment).fleet.waivers ?? []);
  const aside: string[] = [];
  const files = await readManifestFiles(paths, {
    perFolder: options.clusterPerFolder ?? false,
    passedOver: (folder) => void aside.push(folder),
  });
  keepInputs(files, options.out);
  const { outcome, looked, notes } = endedBySignals(() =>
    decide(files, { paths, waivers, options, terminal }),
  );
  await printAudit(context, outcome, looked, options);
  for (const note of [...foldersAside(aside), ...notes]) terminal.error(`${note}\n`);
}

interface Decided {
  readonly outcome: AuditOutcome;
  /** What the rules looked over: `12 objects in 1 file`. */
  readonly looked: string;
  /** Lines for standard error. */
  readonly notes: readonly string[];
}

function decide(
  named: readonly ManifestFileText[],
  {
    paths,
    waivers,
    options,
    terminal,
  }: {
    readonly paths: readonly string[];
    readonly waivers: readonly Waiver[];
    readonly options: AuditOptions;
    readonly terminal: Terminal;
  },
): Decided {
  const size = named.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size > MANY_BYTES) terminal.error(`reading ${bytesText(size)} of manifests …\n`);
  const clusters = options.clusterPerFolder
    ? clustersByFolder(named)
    : [{ cluster: options.cluster ?? "default", files: named }];
  const read = clusters.map((own) => ({ cluster: own.cluster, ...auditedDocuments(own.files) }));
  const documents = read.flatMap((own) => own.documents);
  const files = read.flatMap((own) => own.files);
  const graph = graphFromClusters(
    read.map((own) => ({
      cluster: own.cluster,
      documents: own.documents.map(({ value }) => value),
    })),
    { plain: true },
  );
  const objects = placeObjects(documents, graph);
  checkObjects(graph, objects, read, paths);
  const looked = `${count(graph.objects.length, "object")} in ${count(files.length, "file")}`;
  if (graph.objects.length > MANY_OBJECTS) terminal.error(`looking at ${looked} …\n`);
  const results = evaluate(graph, ALL_RULES);
  const date = systemClock.now();
  const matrix = policyMatrix(graph, results, waivers, date);
  return {
    outcome: {
      matrix,
      results,
      files: files.map(({ path }) => nameOf(path)),
      placesOf: placeFindings(objects, matrix),
      date: dayOf(date),
    },
    looked,
    notes: [
      ...filesPassedOver(read.flatMap(({ passedOver }) => passedOver)),
      ...kustomizationsPassedOver(read.flatMap(({ kustomizations }) => kustomizations)),
      ...(options.clusterPerFolder
        ? takenForClusters(clusters, objects)
        : clustersHints(files, objects)),
    ],
  };
}

/** What takes more than a second or two to read or to decide is told before. */
const MANY_BYTES = 2 ** 22;
const MANY_OBJECTS = 5_000;
/** Four times what a thousand tenants come to. */
const MOST_OBJECTS = 100_000;

/** @throws UsageError where there is nothing to decide over, or too much. */
function checkObjects(
  graph: ResourceGraph,
  placed: readonly PlacedObject[],
  read: readonly AuditedDocuments[],
  paths: readonly string[],
): void {
  const { objects } = graph;
  if (objects.length > MOST_OBJECTS) throw refused(paths, `holds over ${MOST_OBJECTS} objects`);
  if (objects.some(({ object }) => missingOf(object).length === 0)) return;
  if (objects.length > 0) {
    const untyped = objects.slice(0, MOST_NAMED);
    throw new UsageError(
      "audit",
      untyped.map(({ object }, index) => untypedProblem(object, placed[index]!)),
    );
  }
  const [kustomization] = read.flatMap(({ kustomizations }) => kustomizations);
  if (kustomization !== undefined) {
    const message = "holds no Kubernetes object, but what tells kustomize what to build";
    throw refused(paths, message, `run ${kustomizeBuild(kustomization.path)}`);
  }
  throw refused(
    paths,
    read.some(({ passedOver }) => passedOver.length > 0)
      ? NO_OBJECT
      : "holds no Kubernetes object, so there is nothing to check",
  );
}

/** What an object does not say of itself. Values and error messages, piped by mistake, say nothing. */
function missingOf(object: Partial<KubernetesObject>): readonly string[] {
  return (["apiVersion", "kind"] as const).filter((field) => typeof object[field] !== "string");
}

function untypedProblem(
  object: KubernetesObject,
  { document: { file, linesOf }, path }: PlacedObject,
): Problem {
  const missing = missingOf(object);
  const [lines] = linesOf([path]);
  return {
    path: file,
    ...(lines === undefined ? {} : { line: lines.first }),
    message: `holds no Kubernetes object: ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
  };
}

/** @throws UsageError where the report would take the place of what it is about. */
function keepInputs(files: readonly ManifestFileText[], out: string | undefined): void {
  if (out === undefined || !files.some(({ path }) => resolve(path) === resolve(out))) return;
  const message = "is one of the files to audit; the report would replace it";
  throw new UsageError("audit", [{ path: `--out ${out}`, message, mend: "name another file" }]);
}

function refused(paths: readonly string[], message: string, mend?: string): UsageError {
  const problem = { path: namesOf(paths), message };
  return new UsageError("audit", [mend === undefined ? problem : { ...problem, mend }]);
}

/** Waivers end with a day in UTC, so a report of the same day is the same report. */
function dayOf(date: Date): Date {
  return new Date(date.toISOString().slice(0, 10));
}

import { isAbsolute, relative, resolve } from "node:path";
import { expandPlaces } from "../kubernetes/expand-list";
import type { KubernetesObject } from "../kubernetes/object";
import type { ResourceGraph } from "../policy/graph/graph";
import type { PolicyMatrix } from "../policy/matrix";
import type { AuditReport, FilePlace } from "../report/audit-report";
import { groupBy } from "../support/group-by";
import type { Lines, Path } from "../support/lines";
import type { ManifestDocument } from "./manifest-documents";

/** An object of a graph, and where it stands: a document, and the path to it if that is a list. */
export interface PlacedObject {
  readonly cluster: string;
  readonly id: string;
  readonly document: ManifestDocument;
  readonly path: Path;
}

/** @param graph of the values of these documents, in this order. */
export function placeObjects(
  documents: readonly ManifestDocument[],
  graph: ResourceGraph,
): readonly PlacedObject[] {
  const places = documents.flatMap((document) =>
    expandPlaces(document.value as KubernetesObject).map(({ path }) => ({ document, path })),
  );
  return graph.objects.map(({ id, scope: { cluster } }, index) => ({
    cluster,
    id,
    ...places[index]!,
  }));
}

/**
 * Finds in the files what findings speak of. Each document with a finding is read a second time, once
 * for all of them.
 */
export function placeFindings(
  objects: readonly PlacedObject[],
  { clusters }: PolicyMatrix,
): AuditReport["placesOf"] {
  const byName = groupBy(objects, ({ cluster, id }) => keyOf(cluster, id));
  const sourcesOf = (cluster: string, object: string) =>
    (byName.get(keyOf(cluster, object)) ?? []).slice(0, MOST_PLACES);
  const wanted = new WantedLines();
  for (const { cluster, findings } of clusters) {
    for (const { object, field } of findings) {
      for (const source of sourcesOf(cluster, object)) wanted.add(source, field);
    }
  }
  return ({ cluster, object, field }) =>
    sourcesOf(cluster, object).flatMap((source) => wanted.placeOf(source, field) ?? []);
}

/** More objects of one name are not listed; a file with so many says nothing by it. */
const MOST_PLACES = 5;

/** What is wanted of each document, and where it is once the document was read. */
class WantedLines {
  readonly #fields = new Map<ManifestDocument, Map<string, Path>>();
  readonly #found = new Map<ManifestDocument, ReadonlyMap<string, Lines | undefined>>();

  add({ document, path }: PlacedObject, field: string): void {
    const fields = this.#fields.get(document) ?? new Map<string, Path>();
    this.#fields.set(document, fields);
    const whole = [...path, ...pathOf(field)];
    fields.set(keyOf(path.join("/"), field), whole);
  }

  placeOf({ document, path }: PlacedObject, field: string): FilePlace | undefined {
    const lines = this.#linesIn(document).get(keyOf(path.join("/"), field));
    return lines && { file: nameOf(document.file), ...lines };
  }

  #linesIn(document: ManifestDocument): ReadonlyMap<string, Lines | undefined> {
    const known = this.#found.get(document);
    if (known) return known;
    const fields = [...(this.#fields.get(document) ?? [])];
    const lines = document.linesOf(fields.map(([, path]) => path));
    const found = new Map(fields.map(([key], index) => [key, lines[index]]));
    this.#found.set(document, found);
    return found;
  }
}

function keyOf(place: string, inside: string): string {
  return `${place}\n${inside}`;
}

const STEP = /\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** The path that a finding's field writes: `spec.ports[0]`, `metadata.labels["a.b/c"]`. */
function pathOf(field: string): Path {
  const path: (string | number)[] = [];
  STEP.lastIndex = 0;
  for (let match = STEP.exec(field); match !== null; match = STEP.exec(field)) {
    const [, word, index, quoted] = match;
    path.push(word ?? (index === undefined ? (JSON.parse(quoted!) as string) : Number(index)));
  }
  return path;
}

/** A file by its path below the working directory; one that lies elsewhere by its whole path. */
export function nameOf(file: string): string {
  const below = relative(process.cwd(), resolve(file));
  return below === "" || below.startsWith("..") || isAbsolute(below) ? resolve(file) : below;
}

import { DAEMON_IMAGE, plannedGraphs } from "../daemons/fleet-objects";
import type { LoadedFleet } from "../fleet/read-fleet";
import type { Fleet } from "../fleet/schema";
import { evaluate } from "../policy/evaluation/evaluate";
import { ALL_RULES } from "../policy/rules";
import { applyWaivers, daysLeft, waiverName } from "../policy/waiver";
import type { Waiver } from "../policy/waiver";
import { OCI_MANIFEST } from "../registry/media-types";
import { mirrorRepository } from "../registry/mirror/image";
import type { ImageLock } from "../registry/mirror/image";
import { count } from "../report/markdown";
import { sha256 } from "../support/digest";
import { nearestWord } from "../support/nearest";
import type { Problem } from "../support/problem";
import { fieldPath } from "../support/strict-schema";
import { readYamlDocument } from "../support/yaml-document";

/** Whoever answers for a waiver is told so long before it ends. */
const SOON = 30;

/**
 * What is to be said of a fleet's waivers: they have expired, end soon, or lift nothing of what the fleet
 * plans. None of it is an error: an audit goes on with such a waiver, too. A rule that does not exist is one
 * already when the file is read.
 */
export function waiverNotes({ fleet, path }: LoadedFleet, now: Date): readonly Problem[] {
  const waivers = fleet.waivers ?? [];
  const inForce = waivers.filter((waiver) => daysLeft(waiver, now) > 0);
  const useless = inForce.length === 0 ? () => undefined : uselessWaivers(fleet, now);
  const notes = waivers.flatMap((waiver, index) =>
    [dateNote(waiver, now), useless(waiver)].flatMap((note) =>
      note === undefined ? [] : [{ ...note, place: ["waivers", index, ...note.place] }],
    ),
  );
  if (notes.length === 0) return [];
  const { lineOf } = readYamlDocument(path, "fleet file");
  return notes.map(({ place, message, mend }) => {
    const line = lineOf(place);
    return { path: fieldPath(place), ...(line === undefined ? {} : { line }), message, mend };
  });
}

/** What is wrong with a waiver, and in which of its fields. */
interface Note {
  readonly place: readonly string[];
  readonly message: string;
  readonly mend: string;
}

function dateNote(waiver: Waiver, now: Date): Note | undefined {
  const left = daysLeft(waiver, now);
  if (left > SOON) return undefined;
  const place = ["expires"];
  if (left <= 0) {
    const message = `the ${waiverName(waiver)} expired on ${waiver.expires} and lifts nothing`;
    return { place, message, mend: "set another day, or remove it" };
  }
  const message = `the ${waiverName(waiver)} ends on ${waiver.expires}, ${count(left, "day")} with today`;
  return { place, message, mend: "mend what it lifts, or set another day" };
}

/** Only the kinds of Kubernetes begin so; charts, playbooks and policies are no planned objects. */
const OBJECT = /^[A-Z]/;
/** What a cluster shows of a workload, and no plan does. */
const AS_IT_RUNS = /, as it runs$/;

/**
 * Tells of a waiver in force why it lifts nothing of what the fleet plans. Digests of images are made up:
 * no name hangs on them, and a fleet is checked before its images are locked.
 */
function uselessWaivers(fleet: Fleet, now: Date): (waiver: Waiver) => Note | undefined {
  const graphs = plannedGraphs(fleet, madeUpLock(fleet));
  const results = graphs.flatMap((graph) => evaluate(graph, ALL_RULES));
  const unused = new Set(applyWaivers(results, fleet.waivers ?? [], now).unused);
  const names = new Set(graphs.flatMap(({ objects }) => objects.map(({ id }) => id)));
  return (waiver) => {
    const { rule, object } = waiver;
    if (!unused.has(waiver) || !OBJECT.test(object) || AS_IT_RUNS.test(object)) return undefined;
    if (names.has(object)) {
      const message = `${rule} finds nothing in ${object} as the fleet plans it`;
      return { place: [], message, mend: "remove it, unless the cluster has the object otherwise" };
    }
    const meant = nearestWord(object, [...names]);
    return {
      place: ["object"],
      message: `the fleet plans no ${object}`,
      mend:
        meant === undefined
          ? "name it as the audit does, such as Deployment tenant-acme/api; leave it if others bring the object"
          : `did you mean ${meant}?`,
    };
  };
}

function madeUpLock({ images }: Fleet): ImageLock {
  const names = new Set([...images.map(({ name }) => name), DAEMON_IMAGE]);
  return {
    version: 1,
    images: [...names].map((name) => ({
      name,
      source: `registry.example/${name}:made-up`,
      repository: mirrorRepository(name),
      digest: sha256(name),
      mediaType: OCI_MANIFEST,
      platforms: [],
      bytes: 0,
    })),
  };
}

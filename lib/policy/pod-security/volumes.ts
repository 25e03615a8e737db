import type { Report } from "../evaluation/rule";
import { eachElement } from "../reading/read";
import type { Fields } from "../reading/read";
import { shown } from "../reading/shown";
import type { PodPart } from "./pod-context";

const VOLUMES = ["spec", "volumes"];

/** The kinds of volume that reach no node and no storage of somebody else. */
export const RESTRICTED_VOLUMES: ReadonlySet<string> = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** Baseline: no volume is of the node's files. */
export function hostPathVolumes({ pod, container }: PodPart, report: Report): void {
  if (container !== undefined) return;
  eachElement(pod, VOLUMES, (volume, at) => {
    if ((volume["hostPath"] ?? undefined) !== undefined) report(at, "volume is a host path");
  });
}

/** Restricted: every volume is of a kind that is allowed. */
export function restrictedVolumes({ pod, container }: PodPart, report: Report): void {
  if (container !== undefined) return;
  eachElement(pod, VOLUMES, (volume, at) => {
    restrictedVolume(volume, at, report);
  });
}

/**
 * A volume without a kind is an emptyDir. One of two kinds is refused by the API server, so each
 * kind is looked at, and not only whether there is an allowed one.
 *
 * @param at the volume's field.
 */
export function restrictedVolume(volume: Fields, at: string, report: Report): void {
  for (const kind in volume) {
    if (kind === "name" || RESTRICTED_VOLUMES.has(kind)) continue;
    if ((volume[kind] ?? undefined) === undefined) continue;
    report(at, `volume is of the kind ${shown(kind)}, which is not allowed`);
  }
}

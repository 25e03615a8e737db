import { shown } from "../shown";
import { defineRule } from "../rule";
import { elements, pods } from "../subjects";

/** The kinds of volume that reach no node and no storage of somebody else. */
const ALLOWED = new Set([
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

/** Volumes are of the kinds that the restricted profile allows. */
export const p1Pod1 = defineRule({
  id: "P1-POD-1",
  policy: "P1",
  severity: "critical",
  title: "no volume reaches the node's files or storage outside the cluster's claims",
  why: "a host path reads the files of every pod on the node, and a network share those of its other users",
  remediation: `use one of ${[...ALLOWED].join(", ")}`,
  source:
    "Pod Security Standards, restricted: check_restrictedVolumes, check_hostPathVolumes; kubescape alert-any-hostpath",
  subjects: (graph) => pods(graph).flatMap((pod) => elements(pod, pod.pod, "spec", "volumes")),
  // A volume without a kind is an emptyDir. One of two kinds is refused by the API server, so each
  // kind is looked at, and not only whether there is an allowed one.
  check({ element }, report) {
    for (const [kind, source] of Object.entries(element)) {
      if (kind === "name" || source === null || source === undefined || ALLOWED.has(kind)) continue;
      report("", `volume is of the kind ${shown(kind)}, which is not allowed`);
    }
  },
});

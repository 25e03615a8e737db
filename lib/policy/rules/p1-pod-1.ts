import { defineRule } from "../evaluation/rule";
import { restrictedVolume, RESTRICTED_VOLUMES as ALLOWED } from "../pod-security/volumes";
import { elements, pods } from "../subjects/subjects";

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
  inHome: (home) => pods(home).flatMap((pod) => elements(pod, pod.pod, "spec", "volumes")),
  check({ element }, report) {
    restrictedVolume(element, "", report);
  },
});

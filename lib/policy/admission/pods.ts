import type { AdmissionScope } from "./admission-scope";
import { literal } from "./cel";
import { faultEach } from "./cel";

/**
 * Every pod in a tenant's namespace, itself or in a workload, with what all rules on pods share. A
 * pod's own resource counts again where a container is added to it or its resources are changed.
 */
export const PODS: AdmissionScope = {
  resources: [
    {
      apiGroups: [""],
      apiVersions: ["v1"],
      resources: [
        "pods",
        "pods/ephemeralcontainers",
        "pods/resize",
        "podtemplates",
        "replicationcontrollers",
      ],
    },
    {
      apiGroups: ["apps"],
      apiVersions: ["v1"],
      resources: ["daemonsets", "deployments", "replicasets", "statefulsets"],
    },
    { apiGroups: ["batch"], apiVersions: ["v1"], resources: ["cronjobs", "jobs"] },
  ],
  reads: ["spec", "template"],
  variables: {
    // Without types: no field is in all of the kinds.
    pod: `request.kind.kind == "Pod" ? dyn(object) : request.kind.kind == "PodTemplate" ? dyn(object).template : request.kind.kind == "CronJob" ? dyn(object).spec.jobTemplate.spec.template : dyn(object).spec.template`,
    spec: `variables.pod.spec`,
    annotations: `variables.pod.?metadata.?annotations.orValue({})`,
    context: `variables.spec.?securityContext.orValue({})`,
    containers: ["initContainers", "containers", "ephemeralContainers"]
      .map((role) => `variables.spec.?${role}.orValue([])`)
      .join(" + "),
    volumes: `variables.spec.?volumes.orValue([])`,
    onWindows: `variables.spec.?os.?name.orValue("") == "windows"`,
  },
};

/** The kinds that carry a pod. */
export const POD_KINDS = [
  "CronJob",
  "DaemonSet",
  "Deployment",
  "Job",
  "Pod",
  "PodTemplate",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
] as const;

/** A fault for each container, called `c`, that a condition holds for. */
export function inContainers(when: string, says: string): string {
  const where = `${literal("container ")} + c.name`;
  return faultEach("variables.containers", "c", { when, where, says });
}

/** A fault for each volume of a pod, called `v`, that a condition holds for. */
export function inVolumes(when: string, says: string): string {
  const where = `${literal("volume ")} + v.name`;
  return faultEach("variables.volumes", "v", { when, where, says });
}

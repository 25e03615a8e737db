import { PROBES } from "./field-values";
import type { ContainerFields, GeneratedPod, Json, PodFields } from "./pod-fields";

/**
 * A pod without what the API server's validation refuses, as far as it comes up often: a pod that it
 * refuses says nothing about PodSecurity.
 */
export function settled(pod: GeneratedPod): GeneratedPod {
  const { spec } = pod;
  const containers = [...spec.containers, ...spec.initContainers];
  spec.volumes = [...spec.volumes].map((volume, index) => ({ ...volume, name: `v${index}` }));
  names(pod, containers[0]?.name ?? "none");
  for (const container of spec.initContainers) {
    if (container["restartPolicy"] === "Always") continue;
    for (const field of [...PROBES, "lifecycle"]) delete container[field];
  }
  windows(spec, containers);
  for (const { securityContext } of containers) {
    if (securityContext?.["privileged"] === true)
      delete securityContext["allowPrivilegeEscalation"];
    if (securityContext?.["procMount"] === "Unmasked") spec["hostUsers"] = false;
  }
  if (spec["hostUsers"] === false) {
    for (const field of ["hostNetwork", "hostPID", "hostIPC"]) delete spec[field];
  }
  if (spec["hostPID"] === true) delete spec["shareProcessNamespace"];
  if (spec["hostNetwork"] === true) delete spec.securityContext?.["sysctls"];
  ports(spec, containers);
  return pod;
}

/** Gives the annotations their names. Where an annotation and a field are both set, they have to say the same. */
function names({ metadata: { annotations }, spec }: GeneratedPod, container: string): void {
  const { appArmor, seccomp, seccompOfContainer } = annotations;
  for (const key of Object.keys(annotations)) delete annotations[key];
  const parts = [spec, ...spec.containers, ...spec.initContainers];
  const annotate = (key: string, value: unknown, field: string) => {
    if (value === undefined) return;
    annotations[key] = value;
    for (const part of parts) delete part.securityContext?.[field];
  };
  annotate("seccomp.security.alpha.kubernetes.io/pod", seccomp, "seccompProfile");
  annotate(
    `container.seccomp.security.alpha.kubernetes.io/${container}`,
    seccompOfContainer,
    "seccompProfile",
  );
  annotate(
    `container.apparmor.security.beta.kubernetes.io/${container}`,
    appArmor,
    "appArmorProfile",
  );
}

/** No two containers take one port of the node; on its network each port is the node's. */
function ports(spec: PodFields, containers: readonly ContainerFields[]): void {
  for (const [index, container] of containers.entries()) {
    for (const port of (container["ports"] ?? []) as Json[]) {
      port["containerPort"] = 8000 + index;
      if (spec["hostNetwork"] === true || (port["hostPort"] ?? 0) !== 0) {
        port["hostPort"] = 8000 + index;
      }
    }
  }
}

/** Linux' and Windows' fields are not for one pod, and a host process is never alone in its pod. */
function windows(spec: PodFields, containers: readonly ContainerFields[]): void {
  const contexts = [spec, ...containers].map(({ securityContext }) => securityContext ?? undefined);
  const options = (context: Json | undefined) => context?.["windowsOptions"] as Json | undefined;
  const os = (spec["os"] as Json | undefined)?.["name"];
  if (os === "linux") for (const context of contexts) delete context?.["windowsOptions"];
  if (os === "windows") {
    for (const field of ["hostPID", "hostIPC", "hostUsers", "shareProcessNamespace"]) {
      delete spec[field];
    }
    for (const context of contexts) {
      for (const field of LINUX_ONLY) delete context?.[field];
    }
  }
  if (!contexts.some((context) => options(context)?.["hostProcess"] === true)) return;
  for (const context of contexts) delete options(context)?.["hostProcess"];
  spec.securityContext = { ...spec.securityContext, windowsOptions: { hostProcess: true } };
  spec["hostNetwork"] = true;
  delete spec["hostUsers"];
}

const LINUX_ONLY = [
  "allowPrivilegeEscalation",
  "appArmorProfile",
  "capabilities",
  "privileged",
  "procMount",
  "runAsUser",
  "seLinuxOptions",
  "seccompProfile",
  "sysctls",
];

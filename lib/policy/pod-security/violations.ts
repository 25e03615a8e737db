import { containersOf } from "../../kubernetes/pod-template";
import type { PodTemplate } from "../../kubernetes/pod-template";
import { appArmorProfile } from "./app-armor-profile";
import { defaultCapabilities, droppedCapabilities } from "./capabilities";
import { hostNamespaces } from "./host-namespaces";
import { hostPorts } from "./host-ports";
import { hostProbes } from "./host-probes";
import type { PodCheck } from "./pod-check";
import { privilegeEscalation } from "./privilege-escalation";
import { privileged } from "./privileged";
import { maskedProc, maskedProcAlways } from "./proc-mount";
import { nonRoot, nonRootUser } from "./root-user";
import { seLinuxOptions } from "./se-linux-options";
import { seccompAllowed, seccompRequired } from "./seccomp-profile";
import { sysctls } from "./sysctls";
import { hostPathVolumes, restrictedVolumes } from "./volumes";
import { windowsHostProcess } from "./windows-host-process";

export type PodSecurityLevel = "baseline" | "restricted";

/** Every check by the id that Kubernetes has for it. */
const BOTH: Readonly<Record<string, PodCheck>> = {
  appArmorProfile,
  hostNamespaces,
  hostPorts,
  hostProbesAndHostLifecycle: hostProbes,
  privileged,
  seLinuxOptions,
  sysctls,
  windowsHostProcess,
};
const CHECKS: Readonly<Record<PodSecurityLevel, Readonly<Record<string, PodCheck>>>> = {
  baseline: {
    ...BOTH,
    capabilities_baseline: defaultCapabilities,
    hostPathVolumes,
    procMount: maskedProc,
    seccompProfile_baseline: seccompAllowed,
  },
  restricted: {
    ...BOTH,
    allowPrivilegeEscalation: privilegeEscalation,
    capabilities_restricted: droppedCapabilities,
    procMount_restricted: maskedProcAlways,
    restrictedVolumes,
    runAsNonRoot: nonRoot,
    runAsUser: nonRootUser,
    seccompProfile_restricted: seccompRequired,
  },
};

export interface PodSecurityViolation {
  /** Id of the check, as Kubernetes has it: `hostPorts`. */
  readonly check: string;
  /** Path from the pod: `.spec.hostNetwork`. */
  readonly field: string;
  readonly message: string;
}

/**
 * What the Pod Security Standards say against a pod. The API server's PodSecurity admission refuses
 * the pod of a namespace that enforces this level at this version exactly where there is one.
 *
 * @param minor n of the version v1.n of the standards, as of v1.25.
 * @throws MalformedError where the pod is not built as Kubernetes has it.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function podSecurityViolations(
  pod: PodTemplate,
  { level, minor }: { readonly level: PodSecurityLevel; readonly minor: number },
): PodSecurityViolation[] {
  const violations: PodSecurityViolation[] = [];
  const containers = containersOf({ ...pod, path: "" });
  for (const [check, decide] of Object.entries(CHECKS[level])) {
    const reportAt = (at: string) => (field: string, message: string) => {
      violations.push({ check, field: at + field, message });
    };
    decide({ pod }, reportAt(""), minor);
    for (const { container, path } of containers) {
      decide({ pod, container }, reportAt(`.${path}`), minor);
    }
  }
  return violations;
}

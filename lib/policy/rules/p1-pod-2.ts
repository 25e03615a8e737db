import type { PodTemplate } from "../../kubernetes/pod-template";
import { elementsAt, fieldOf, valueAt } from "../read";
import { defineRule } from "../rule";
import type { Violation } from "../rule";
import { shown } from "../shown";
import { podsAndContainers } from "../subjects";

const HOST_NAMESPACES = ["hostNetwork", "hostPID", "hostIPC"];
/** Where a container says whom the kubelet calls, from the node's network. */
const CALLERS: readonly (readonly string[])[] = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
];

/** Pods keep to their own network, processes and ports. */
export const p1Pod2 = defineRule({
  id: "P1-POD-2",
  policy: "P1",
  severity: "critical",
  title: "no pod shares the node's namespaces or ports, or has the kubelet call another host",
  why: "on the node's network no NetworkPolicy holds, and a probe with a host lets a tenant send the kubelet anywhere",
  remediation:
    "remove hostNetwork, hostPID, hostIPC and hostPort, and the host of probes and lifecycle hooks",
  source:
    "Pod Security Standards, baseline: check_hostNamespaces, check_hostPorts, check_hostProbesAndhostLifecycle (1.34); checkov CKV_K8S_17-19, 26; gatekeeper host-probes-lifecycle",
  subjects: podsAndContainers,
  check: ({ pod, container }) =>
    container === undefined ? podViolations(pod) : containerViolations(container),
});

function* podViolations(pod: PodTemplate): Iterable<Violation> {
  for (const field of HOST_NAMESPACES) {
    const value = valueAt(pod, "spec", field) ?? false;
    if (value !== false) {
      yield { field: `.spec.${field}`, message: `${field} is ${shown(value)}; allowed is false` };
    }
  }
}

function* containerViolations(container: unknown): Iterable<Violation> {
  for (const port of elementsAt(container, "ports")) {
    const path = [...port, "hostPort"];
    const value = valueAt(container, ...path) ?? 0;
    if (value !== 0) {
      yield { field: fieldOf(path), message: `hostPort is ${shown(value)}; allowed is none` };
    }
  }
  for (const caller of CALLERS) {
    if (valueAt(container, ...caller) === undefined) continue;
    for (const action of ["httpGet", "tcpSocket"]) {
      const path = [...caller, action, "host"];
      const value = valueAt(container, ...path) ?? "";
      if (value === "") continue;
      yield { field: fieldOf(path), message: `host is ${shown(value)}; allowed is the pod itself` };
    }
  }
}

import type { PodTemplate } from "../../kubernetes/pod-template";
import { eachElement, fieldOf, valueAt } from "../read";
import { defineRule } from "../rule";
import type { Report } from "../rule";
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
  check({ pod, container }, report) {
    if (container === undefined) checkPod(pod, report);
    else checkContainer(container, report);
  },
});

function checkPod(pod: PodTemplate, report: Report): void {
  for (const field of HOST_NAMESPACES) {
    const value = valueAt(pod, "spec", field) ?? false;
    if (value !== false) {
      report(`.spec.${field}`, `${field} is ${shown(value)}; allowed is false`);
    }
  }
}

function checkContainer(container: unknown, report: Report): void {
  eachElement(container, ["ports"], (port, at) => {
    const value = valueAt(port, "hostPort") ?? 0;
    if (value !== 0) report(`${at}.hostPort`, `hostPort is ${shown(value)}; allowed is none`);
  });
  for (const caller of CALLERS) {
    if (valueAt(container, ...caller) === undefined) continue;
    for (const action of ["httpGet", "tcpSocket"]) {
      const path = [...caller, action, "host"];
      const value = valueAt(container, ...path) ?? "";
      if (value === "") continue;
      report(fieldOf(path), `host is ${shown(value)}; allowed is the pod itself`);
    }
  }
}

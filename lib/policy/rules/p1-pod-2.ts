import { defineRule } from "../evaluation/rule";
import { hostNamespaces } from "../pod-security/host-namespaces";
import { hostPorts } from "../pod-security/host-ports";
import { hostProbes } from "../pod-security/host-probes";
import { NEWEST_MINOR } from "../pod-security/pod-check";
import { podsAndContainers } from "../subjects/subjects";

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
  inHome: podsAndContainers,
  check(part, report) {
    hostNamespaces(part, report);
    hostPorts(part, report);
    hostProbes(part, report, NEWEST_MINOR);
  },
});

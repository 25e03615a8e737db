import type { Container, PodTemplate } from "../../kubernetes/pod-template";
import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import { runsOnWindows, securityField, securityValue } from "../pod-security/pod-context";
import { eachElement, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { podsAndContainers } from "../subjects/subjects";

/** The container runtimes' sockets, wherever a distribution puts them. */
export const RUNTIME_SOCKET =
  /(^|\/)(docker|dockershim|cri-dockerd|containerd|crio|crio\/crio|podman|buildkitd)\.sock\/?$/;

/** Above the standards: nothing is written into an image, and secrets come as files. */
export const p1Pod8 = defineRule({
  id: "P1-POD-8",
  policy: "P1",
  severity: "medium",
  title:
    "root file systems are read-only, no runtime socket is mounted, and no secret is an environment variable",
  why: "environment variables end up in crash dumps, child processes and logs; a runtime socket is root on the node",
  remediation:
    "set readOnlyRootFilesystem: true, remove the socket and shareProcessNamespace, and mount secrets as files",
  source: "checkov CKV_K8S_22, 27, 35; kubescape C-0017, C-0207; kyverno disallow-cri-sock-mount",
  inHome: podsAndContainers,
  check(part, report) {
    const { pod, container } = part;
    if (container === undefined) {
      sharedProcesses(pod, report);
      sockets(pod, report);
    } else {
      writableRoot({ pod, container }, report);
      secretsInEnvironment(container, report);
    }
  },
});

function sharedProcesses(pod: PodTemplate, report: Report): void {
  const value = valueAt(pod, "spec", "shareProcessNamespace") ?? false;
  if (value === false) return;
  const message = `shareProcessNamespace is ${shown(value)}; allowed is false`;
  report(".spec.shareProcessNamespace", message);
}

function sockets(pod: PodTemplate, report: Report): void {
  eachElement(pod, ["spec", "volumes"], (volume, at) => {
    const path = valueAt(volume, "hostPath", "path");
    if (typeof path !== "string" || !RUNTIME_SOCKET.test(path)) return;
    report(`${at}.hostPath.path`, `${shown(path)} is the socket of a container runtime`);
  });
}

function writableRoot(
  part: {
    readonly pod: PodTemplate;
    readonly container: Container;
  },
  report: Report,
): void {
  // The API server refuses the field for Windows.
  if (runsOnWindows(part.pod)) return;
  const value = securityValue(part, "readOnlyRootFilesystem");
  if (value === true) return;
  const message = `readOnlyRootFilesystem is ${shown(value)}; allowed is true`;
  report(securityField(part, "readOnlyRootFilesystem"), message);
}

function secretsInEnvironment(container: Container, report: Report): void {
  const message = "a secret is an environment variable";
  eachElement(container, ["env"], (variable, at) => {
    if (valueAt(variable, "valueFrom", "secretKeyRef") === undefined) return;
    report(`${at}.valueFrom.secretKeyRef`, message);
  });
  eachElement(container, ["envFrom"], (source, at) => {
    if (valueAt(source, "secretRef") !== undefined) report(`${at}.secretRef`, message);
  });
}

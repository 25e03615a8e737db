import type { Container, PodTemplate } from "../../kubernetes/pod-template";
import { runsOnWindows, securityField, securityValue } from "../pod-context";
import { elementsAt, fieldOf, valueAt } from "../read";
import { defineRule } from "../rule";
import type { Violation } from "../rule";
import { shown } from "../shown";
import { podsAndContainers } from "../subjects";

/** The container runtimes' sockets, wherever a distribution puts them. */
const RUNTIME_SOCKET =
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
  subjects: podsAndContainers,
  *check(part) {
    const { pod, container } = part;
    if (container === undefined) {
      yield* sharedProcesses(pod);
      yield* sockets(pod);
    } else {
      yield* writableRoot({ pod, container });
      yield* secretsInEnvironment(container);
    }
  },
});

function* sharedProcesses(pod: PodTemplate): Iterable<Violation> {
  const value = valueAt(pod, "spec", "shareProcessNamespace") ?? false;
  if (value === false) return;
  const message = `shareProcessNamespace is ${shown(value)}; allowed is false`;
  yield { field: ".spec.shareProcessNamespace", message };
}

function* sockets(pod: PodTemplate): Iterable<Violation> {
  for (const volume of elementsAt(pod, "spec", "volumes")) {
    const path = [...volume, "hostPath", "path"];
    const value = valueAt(pod, ...path);
    if (typeof value !== "string" || !RUNTIME_SOCKET.test(value)) continue;
    yield { field: fieldOf(path), message: `${shown(value)} is the socket of a container runtime` };
  }
}

function* writableRoot(part: {
  readonly pod: PodTemplate;
  readonly container: Container;
}): Iterable<Violation> {
  // The API server refuses the field for Windows.
  if (runsOnWindows(part.pod)) return;
  const value = securityValue(part, "readOnlyRootFilesystem");
  if (value === true) return;
  const message = `readOnlyRootFilesystem is ${shown(value)}; allowed is true`;
  yield { field: securityField(part, "readOnlyRootFilesystem"), message };
}

function* secretsInEnvironment(container: Container): Iterable<Violation> {
  const places = [
    { list: "env", reference: ["valueFrom", "secretKeyRef"] },
    { list: "envFrom", reference: ["secretRef"] },
  ];
  for (const { list, reference } of places) {
    for (const element of elementsAt(container, list)) {
      const path = [...element, ...reference];
      if (valueAt(container, ...path) === undefined) continue;
      yield { field: fieldOf(path), message: "a secret is an environment variable" };
    }
  }
}

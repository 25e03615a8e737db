import type { KubernetesObject } from "../../../lib/kubernetes/object";
import type { GeneratedPod } from "./pod-fields";

type Carrier = (pod: GeneratedPod) => Omit<KubernetesObject, "metadata" | "kind">;

const selector = { matchLabels: { app: "x" } };

function restarting(pod: GeneratedPod, restartPolicy: string): GeneratedPod {
  return { ...pod, spec: { ...pod.spec, restartPolicy } };
}

/** Every kind in which PodSecurity finds a pod. */
const CARRIERS: Readonly<Record<string, Carrier>> = {
  Pod: ({ spec }) => ({ apiVersion: "v1", spec }),
  PodTemplate: (template) => ({ apiVersion: "v1", template }),
  ReplicationController: (template) => ({
    apiVersion: "v1",
    spec: { selector: { app: "x" }, template },
  }),
  ReplicaSet: (template) => ({ apiVersion: "apps/v1", spec: { selector, template } }),
  Deployment: (template) => ({ apiVersion: "apps/v1", spec: { selector, template } }),
  StatefulSet: (template) => ({
    apiVersion: "apps/v1",
    spec: { selector, serviceName: "x", template },
  }),
  DaemonSet: (template) => ({ apiVersion: "apps/v1", spec: { selector, template } }),
  Job: (pod) => ({ apiVersion: "batch/v1", spec: { template: restarting(pod, "Never") } }),
  CronJob: (pod) => ({
    apiVersion: "batch/v1",
    spec: {
      schedule: "0 0 * * *",
      jobTemplate: { spec: { template: restarting(pod, "Never") } },
    },
  }),
};

export const CARRIER_KINDS = Object.keys(CARRIERS);

/** An object of a kind around a pod. */
export function carrierOf(kind: string, pod: GeneratedPod): KubernetesObject {
  const metadata = { name: "x", ...(kind === "Pod" && pod.metadata) };
  return { kind, metadata, ...CARRIERS[kind]!(pod) } as KubernetesObject;
}

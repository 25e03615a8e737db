import type { KubernetesObject } from "./object";

/** A pod as some object carries it: the object itself, or a template inside a workload. */
export interface PodTemplate {
  /** Path of the pod inside its object: empty for a Pod, `spec.template` for a Deployment. */
  readonly path: string;
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, unknown>>;
  };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly [field: string]: unknown;
}

/** A container, with every field optional: what is read here may be anybody's manifest. */
export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly [field: string]: unknown;
}

export type ContainerRole = "containers" | "initContainers" | "ephemeralContainers";

/** The lists that hold containers, in the order in which a pod starts them. */
export const CONTAINER_ROLES: readonly ContainerRole[] = [
  "initContainers",
  "containers",
  "ephemeralContainers",
];

export interface ContainerSlot {
  readonly role: ContainerRole;
  /** Path from the object's root: `spec.template.spec.containers[0]`. */
  readonly path: string;
  readonly container: Container;
}

const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ["template"],
  ReplicationController: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  Rollout: ["spec", "template"],
};

/** Workloads whose pods are meant to run for ever. A Job's and a CronJob's are not. */
const LONG_RUNNING = new Set([
  "Pod",
  "ReplicationController",
  "ReplicaSet",
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "Rollout",
]);

/** Whether objects of this kind carry a pod. */
export function carriesPod(kind: string): boolean {
  return Object.hasOwn(TEMPLATE_PATHS, kind);
}

export function isLongRunning(kind: string): boolean {
  return LONG_RUNNING.has(kind);
}

/** The pod that an object carries, or undefined if its kind carries none or the template is missing. */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  if (!carriesPod(object.kind)) return undefined;
  const path = TEMPLATE_PATHS[object.kind]!;
  let place: unknown = object;
  for (const step of path) {
    if (typeof place !== "object" || place === null) return undefined;
    place = (place as Record<string, unknown>)[step];
  }
  if (typeof place !== "object" || place === null) return undefined;
  const { metadata, spec } = place as { metadata?: PodTemplate["metadata"]; spec?: PodSpec };
  if (typeof spec !== "object" || spec === null) return undefined;
  return { path: path.join("."), metadata: metadata ?? {}, spec };
}

/** Every container of a pod: init, regular and ephemeral ones. */
export function containersOf({ path, spec }: PodTemplate): ContainerSlot[] {
  return CONTAINER_ROLES.flatMap((role) =>
    (spec[role] ?? []).map((container, index) => ({
      role,
      path: `${path === "" ? "" : `${path}.`}spec.${role}[${index}]`,
      container,
    })),
  );
}

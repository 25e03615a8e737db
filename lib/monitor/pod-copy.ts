import { podTemplateOf } from "../kubernetes/pod-template";
import { isRecord, listOf, recordOf } from "../policy/reading/shape";
import { canonicalJson } from "../support/canonical-json";
import type { LiveObject } from "./read-object";

type Fields = Readonly<Record<string, unknown>>;

/** Labels that Kubernetes' controllers and admission put on what they make of a template. */
const CONTROLLERS_LABELS = new Set([
  "pod-template-hash",
  "pod-template-generation",
  "controller-revision-hash",
  "controller-uid",
  "job-name",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-name",
  "batch.kubernetes.io/job-completion-index",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "rollouts-pod-template-hash",
]);

/** Annotations that a rule reads; all others anybody may add to a running pod. */
const JUDGED_ANNOTATION =
  /^(prometheus\.io|(container\.)?(apparmor|seccomp)\.security\.(beta|alpha)\.kubernetes\.io)\//;

/** What the scheduler and admission write into a pod, and no rule looks at. */
const ADMITTED = [
  ...["nodeName", "priority", "preemptionPolicy", "overhead", "hostname", "subdomain"],
  ...["serviceAccount", "enableServiceLinks"],
];

/** Taints of a node's condition, which the controllers have pods tolerate. */
const CONDITION_TAINT = "node.kubernetes.io/";
const TOKEN_VOLUME = "kube-api-access-";
/** In the pods of an indexed Job. */
const INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

/**
 * Whether what an owner made carries the owner's pod and nothing else, but for what Kubernetes itself
 * puts into each: labels, the node, the account's token if the template asks for one, default resources.
 * What a webhook or a person has added or changed makes it no copy.
 */
export function isCopyOf(made: LiveObject, owner: LiveObject): boolean {
  const copy = podTemplateOf(made);
  const original = podTemplateOf(owner);
  if (copy === undefined || original === undefined) return false;
  return (
    sameLabels(recordOf(copy.metadata.labels), recordOf(original.metadata.labels)) &&
    sameAnnotations(recordOf(copy.metadata.annotations), recordOf(original.metadata.annotations)) &&
    canonicalJson(declaredPart(copy.spec, original.spec, made, owner)) ===
      canonicalJson(declaredPart(original.spec, original.spec, made, owner))
  );
}

/** What is left of a pod that says something, as text: copies of one shape have the same. */
export function shapeOf(made: LiveObject): string {
  const pod = podTemplateOf(made);
  const spec = pod === undefined ? {} : declaredPart(pod.spec, pod.spec, made, made);
  const labels = Object.entries(recordOf(pod?.metadata.labels));
  return canonicalJson([labels.filter(([key]) => !CONTROLLERS_LABELS.has(key)), spec]);
}

function sameLabels(copy: Fields, original: Fields): boolean {
  return [...new Set([...Object.keys(copy), ...Object.keys(original)])].every(
    (key) => CONTROLLERS_LABELS.has(key) || copy[key] === original[key],
  );
}

function sameAnnotations(copy: Fields, original: Fields): boolean {
  return (
    Object.keys(original).every((key) => copy[key] === original[key]) &&
    Object.keys(copy).every((key) => !JUDGED_ANNOTATION.test(key) || Object.hasOwn(original, key))
  );
}

function declaredPart(
  spec: Fields,
  template: Fields,
  made: LiveObject,
  owner: LiveObject,
): Record<string, unknown> {
  const rest: Record<string, unknown> = { ...spec };
  for (const field of ADMITTED) delete rest[field];
  // The account's own, and the cluster's default class.
  for (const field of ["imagePullSecrets", "priorityClassName"]) {
    if (template[field] === undefined) delete rest[field];
  }
  const isAdded = addedVolumes(template, made, owner);
  return {
    ...rest,
    serviceAccountName: rest["serviceAccountName"] ?? "default",
    tolerations: listOf(spec["tolerations"]).filter((one) => !isConditions(recordOf(one)["key"])),
    affinity: withoutPlace(spec["affinity"]),
    volumes: listOf(spec["volumes"]).filter((volume) => !isAdded(recordOf(volume))),
    ...Object.fromEntries(
      ["containers", "initContainers", "ephemeralContainers"].map((role) => [
        role,
        listOf(spec[role]).map((container) => declaredContainer(container, isAdded)),
      ]),
    ),
  };
}

function declaredContainer(container: unknown, isAdded: (volume: Fields) => boolean): unknown {
  if (!isRecord(container)) return container;
  // Where a template leaves them out, the LimitRange fills them in; the template is judged for it.
  const rest: Record<string, unknown> = { ...container };
  delete rest["resources"];
  const variables = listOf(container["env"]).filter(
    (variable) => recordOf(variable)["name"] !== INDEX_VARIABLE,
  );
  const mounts = listOf(container["volumeMounts"]).filter((mount) => {
    const { name } = recordOf(mount);
    return typeof name !== "string" || !name.startsWith(TOKEN_VOLUME) || !isAdded({ name });
  });
  return { ...rest, env: variables, volumeMounts: mounts };
}

/** The volumes that Kubernetes adds: the account's token, and the claims of a StatefulSet's pod. */
function addedVolumes(
  template: Fields,
  made: LiveObject,
  owner: LiveObject,
): (volume: Fields) => boolean {
  const declared = new Set(listOf(template["volumes"]).map((volume) => recordOf(volume)["name"]));
  const automounts = template["automountServiceAccountToken"] !== false;
  const claims = new Map(
    listOf(recordOf(owner["spec"])["volumeClaimTemplates"]).map((claim) => {
      const { name } = recordOf(recordOf(claim)["metadata"]);
      return [name, `${String(name)}-${made.metadata.name}`];
    }),
  );
  return ({ name, persistentVolumeClaim }) => {
    if (typeof name !== "string" || declared.has(name)) return false;
    if (claims.has(name)) return recordOf(persistentVolumeClaim)["claimName"] === claims.get(name);
    return automounts && name.startsWith(TOKEN_VOLUME);
  };
}

function isConditions(key: unknown): boolean {
  return typeof key === "string" && key.startsWith(CONDITION_TAINT);
}

/** A DaemonSet's controller binds each pod to its node by name. */
function withoutPlace(affinity: unknown): unknown {
  const nodes = recordOf(recordOf(affinity)["nodeAffinity"]);
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const terms = listOf(recordOf(nodes[required])["nodeSelectorTerms"]);
  const kept = terms
    .map((term) => {
      const { matchFields, ...rest } = recordOf(term);
      const byName = listOf(matchFields).every((one) => recordOf(one)["key"] === "metadata.name");
      return byName ? rest : recordOf(term);
    })
    .filter((term) => Object.keys(term).length > 0);
  return { ...recordOf(affinity), nodeAffinity: { ...nodes, [required]: kept } };
}

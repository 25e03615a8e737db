import { printable } from "../../kubernetes/names";
import { groupBy } from "../../support/group-by";
import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import type { Home } from "../graph/home";
import { perGraph } from "../graph/per-graph";
import { fieldOf, recordAt, textsAt, valueAt } from "../reading/read";
import type { Fields, Path } from "../reading/read";
import { shown } from "../reading/shown";
import { otherUsersOf } from "../references/volumes";
import { isOfGroup, someOf } from "../subjects/candidates";
import { clusterObjects } from "../subjects/cluster-objects";
import { elements } from "../subjects/subjects";
import type { ElementSubject, ObjectSubject } from "../subjects/subjects";
import { tenantObjects } from "../tenants/tenant-namespaces";
import { tenantVolumes } from "../tenants/tenant-pods";

export const ACCESS_MODES = ["ReadWriteOnce", "ReadWriteOncePod"];
/** Where a claim bears it, Kubernetes takes its value in the place of `storageClassName`. */
export const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";
/** Where a claim bears it, the provisioner of NFS folders may put its value into the folder's path. */
export const PATH_ANNOTATION = "nfs.io/storage-path";
/** Paths that are absolute, empty, or go through a folder above or the very same. */
export const LEADS_OUT = /^\/|^$|(?:^|\/)\.\.?(?:\/|$)/;
const STORAGE_GROUP = "storage.k8s.io";

/** A claim, or where somebody has one made: a StatefulSet's template or a pod's ephemeral volume. */
interface ClaimSubject extends ObjectSubject {
  /** What holds the claim. */
  readonly claim: Fields;
  /** Where the claim is in it; the subject's field leads to what holds it. */
  readonly path: Path;
}

/**
 * A tenant's claims reach no storage of anybody else. A PersistentVolume is cluster-scoped, so that
 * P1-RBAC-2 keeps it out of a tenant's stack; a volume that a claim names has to be in the graph.
 * Which StorageClasses there are is the platform's decision: where the graph holds them, a claim
 * names one of these, and where it holds none that is not judged.
 */
export const p1Data1 = defineRule<ClaimSubject>({
  id: "P1-DATA-1",
  policy: "P1",
  severity: "critical",
  title: "a tenant's volume claims share no storage with another namespace",
  why: "two claims on the same volume or share read each other's files, whatever their namespaces allow",
  remediation: `let a StorageClass of the platform make the volume, with accessModes ${ACCESS_MODES.join(" or ")}, leave selector, volumeName and the namespace of dataSourceRef out, and name a folder below the claim's own in ${PATH_ANNOTATION}`,
  source:
    "kyverno enforce-readwriteonce-pod, restrict-storageclass, nfs-subdir-external-provisioner-storage-path; gatekeeper storageclass",
  inHome: [ownClaims, claimTemplates, ephemeralClaims],
  check(subject, report, graph) {
    const { claim, path } = subject;
    const spec = recordAt(claim, ...path, "spec") ?? {};
    const at = fieldOf([...path, "spec"]);
    const within: Report = (field, message) => report(at + field, message);
    checkAccess(spec, within);
    checkClass(subject, spec, graph, report);
    checkPath(subject, report);
    checkChoice(spec, within);
    checkVolume(subject, spec, graph, within);
    checkSource(subject, spec, within);
  },
});

function ownClaims(home: Home): ClaimSubject[] {
  return tenantObjects(home, "PersistentVolumeClaim").map((subject) => ({
    ...subject,
    claim: subject.node.object,
    path: [],
  }));
}

function claimTemplates(home: Home): ClaimSubject[] {
  return tenantObjects(home, "StatefulSet").flatMap((set) =>
    elements(set, set.node.object, "spec", "volumeClaimTemplates").map(templated([])),
  );
}

function templated(path: Path): (subject: ElementSubject) => ClaimSubject {
  return ({ element, ...subject }) => ({ ...subject, claim: element, path });
}

/** The claims that pods have made for their own life time. */
function ephemeralClaims(home: Home): ClaimSubject[] {
  return tenantVolumes(home)
    .filter(({ failure, element }) => failure !== undefined || Object.hasOwn(element, "ephemeral"))
    .map(templated(["ephemeral", "volumeClaimTemplate"]));
}

function checkAccess(spec: Fields, report: Report): void {
  textsAt(spec, "accessModes").forEach((mode, index) => {
    if (ACCESS_MODES.includes(mode)) return;
    const message = `access mode is ${shown(mode)}; allowed are ${ACCESS_MODES.join(" and ")}`;
    report(`.accessModes[${index}]`, message);
  });
}

function checkClass(
  subject: ClaimSubject,
  spec: Fields,
  graph: ResourceGraph,
  report: Report,
): void {
  const { scope, path } = subject;
  const annotation = annotationOf(subject, CLASS_ANNOTATION);
  const name = annotation ?? valueAt(spec, "storageClassName");
  // Without a name Kubernetes takes the default class.
  if (name === undefined) return;
  const fault = classFault(name, valueAt(spec, "volumeName") ?? "", scope.cluster, graph);
  if (fault === undefined) return;
  const place =
    annotation === undefined
      ? ["spec", "storageClassName"]
      : ["metadata", "annotations", CLASS_ANNOTATION];
  report(fieldOf([...path, ...place]), fault);
}

/** Undefined if there is none: an annotation that is null, the API server stores as an empty text. */
function annotationOf({ claim, path }: ClaimSubject, key: string): unknown {
  const annotations = recordAt(claim, ...path, "metadata", "annotations");
  if (annotations === undefined || !Object.hasOwn(annotations, key)) return undefined;
  return annotations[key] ?? "";
}

function classFault(
  name: unknown,
  volume: unknown,
  cluster: string,
  graph: ResourceGraph,
): string | undefined {
  if (name === "") {
    return volume === "" ? "is empty, which takes any volume that has no class" : undefined;
  }
  const known = storageClasses(graph).get(cluster);
  if (known === undefined || someOf(known, (one) => isClass(one, name))) return undefined;
  return `there is no StorageClass ${shown(name)} on the cluster`;
}

function isClass(candidate: ObjectSubject, name: unknown): boolean {
  return (
    valueAt(candidate.node.object, "metadata", "name") === name &&
    isOfGroup(candidate, STORAGE_GROUP)
  );
}

function checkPath(subject: ClaimSubject, report: Report): void {
  const path = annotationOf(subject, PATH_ANNOTATION);
  if (path === undefined || (typeof path === "string" && !LEADS_OUT.test(path))) return;
  const field = fieldOf([...subject.path, "metadata", "annotations", PATH_ANNOTATION]);
  report(field, `is ${shown(path)}, which leads out of the claim's own folder`);
}

/** No volume is made for a claim with a selector: it takes one that somebody had before. */
function checkChoice(spec: Fields, report: Report): void {
  if (recordAt(spec, "selector") === undefined) return;
  report(".selector", "chooses among volumes that are there already; allowed is none");
}

function checkVolume(
  { scope, node }: ClaimSubject,
  spec: Fields,
  graph: ResourceGraph,
  report: Report,
): void {
  const volume = valueAt(spec, "volumeName") ?? "";
  if (volume === "") return;
  const own = valueAt(node.object, "metadata", "namespace");
  const field = ".volumeName";
  if (typeof volume !== "string") {
    report(field, `is ${shown(volume)}; a text is needed`);
    return;
  }
  for (const other of otherUsersOf(graph, { cluster: scope.cluster, volume, own })) {
    report(field, `PersistentVolume ${printable(volume)} is used by namespace ${printable(other)}`);
  }
}

function checkSource({ node }: ClaimSubject, spec: Fields, report: Report): void {
  const namespace = valueAt(spec, "dataSourceRef", "namespace") ?? "";
  const own = valueAt(node.object, "metadata", "namespace");
  if (namespace === "" || namespace === own) return;
  const message = `data comes from namespace ${shown(namespace)}; allowed is ${shown(own)}`;
  report(".dataSourceRef.namespace", message);
}

const STORAGE_CLASSES = clusterObjects("StorageClass", STORAGE_GROUP);

/** The StorageClasses of each cluster that the graph holds any of, and what may be one. */
const storageClasses = perGraph((graph) =>
  groupBy(STORAGE_CLASSES.all(graph), ({ scope }) => scope.cluster),
);

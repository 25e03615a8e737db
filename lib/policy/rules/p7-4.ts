import type { Container } from "../../kubernetes/pod-template";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { listAt, textsAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { isInHome } from "../references/named-objects";
import { hookEvents } from "../releases/helm-hook";
import type { ContainerSubject, ObjectSubject } from "../subjects/subjects";
import { containers, objectsOfKind } from "../subjects/subjects";

/**
 * What takes a step back: `none` where it leaves nothing behind, `irreversible` where nothing does,
 * or the CronJob, as `CronJob/migrate-down`, that whoever rolls back runs once.
 */
export const UNDO = "atom.cloud/undo";

type StepSubject = ObjectSubject & Partial<Pick<ContainerSubject, "container">>;

/**
 * What a rollback cannot take back is declared, and nothing that holds data goes with a release.
 * Every Job and hook counts, not only those that are called a migration: a name proves nothing.
 */
export const p7Rule4 = defineRule<StepSubject>({
  id: "P7-4",
  policy: "P7",
  severity: "high",
  title: "every Job and hook says how it is undone, and no release deletes data",
  why: "the last good revision comes back, but over a database that was migrated, or without its volumes",
  remediation: `set ${UNDO} to none, irreversible or the CronJob that undoes it; delete no Namespace, PersistentVolumeClaim or PersistentVolume from a Job, and make none a hook`,
  source:
    "helm.sh/docs/topics/charts_hooks: hook-delete-policy; apps/v1 persistentVolumeClaimRetentionPolicy",
  inHome: (home) => [
    ...KINDS.flatMap((kind) => objectsOfKind(home, kind)),
    ...containers(home).filter(({ node }) => RUNS_ONCE.includes(node.object.kind)),
  ],
  check(subject, report) {
    const { node, container } = subject;
    const { object } = node;
    if (container !== undefined) checkCommand(container, report);
    else if (HOLDS_DATA.includes(object.kind)) checkData(object, report);
    else checkUndo(subject, report);
  },
});

const HOLDS_DATA = ["Namespace", "PersistentVolumeClaim", "PersistentVolume", "StatefulSet"];
/** A CronJob is no step of a release unless it is a hook, but what it runs may delete data. */
const RUNS_ONCE = ["Job", "CronJob", "Pod"];
const KINDS = [...HOLDS_DATA, ...RUNS_ONCE];

function checkData(object: ObjectSubject["node"]["object"], report: Report): void {
  if (hookEvents(object).length > 0) {
    const field = '.metadata.annotations["helm.sh/hook"]';
    report(field, "makes it a hook, which Helm deletes before it applies it anew");
  }
  if (object.kind !== "StatefulSet") return;
  for (const event of ["whenDeleted", "whenScaled"]) {
    const path = ["spec", "persistentVolumeClaimRetentionPolicy", event] as const;
    const policy = valueAt(object, ...path) ?? "Retain";
    if (policy === "Retain") continue;
    report(`.${path.join(".")}`, `is ${shown(policy)}, which deletes volumes; allowed is Retain`);
  }
}

function checkUndo(subject: ObjectSubject, report: Report): void {
  const { object } = subject.node;
  if (!isStep(object)) return;
  const undo = valueAt(object, "metadata", "annotations", UNDO);
  const field = `.metadata.annotations["${UNDO}"]`;
  if (undo === "none" || undo === "irreversible") return;
  const [, cronJob] = (typeof undo === "string" ? /^CronJob\/(.+)$/.exec(undo) : null) ?? [];
  if (cronJob === undefined) {
    report(field, `is ${shown(undo)}; allowed is none, irreversible or CronJob/<name>`);
    return;
  }
  if (!isInHome(subject.home, { kind: "CronJob", group: "batch", name: cronJob })) {
    report(field, `names ${shown(undo)}, which is not in its namespace`);
  }
}

/** Whether a release runs it: a Job of its own, or a hook that is no test. */
function isStep(object: ObjectSubject["node"]["object"]): boolean {
  const events = hookEvents(object);
  if (events.length > 0) return events.some((event) => !/^test(-success|-failure)?$/.test(event));
  const owners = listAt(object, "metadata", "ownerReferences");
  return object.kind === "Job" && owners.length === 0;
}

export const DELETES =
  /\bdelete\b[^;&|\n]*\b(ns|namespaces?|pvc|persistentvolumeclaims?|pv|persistentvolumes?)\b/i;

/** By its text, which is not repeated: it may hold a secret. */
function checkCommand(container: Container, report: Report): void {
  const words = [...textsAt(container, "command"), ...textsAt(container, "args")];
  if (DELETES.test(words.join(" "))) {
    report("", "deletes a namespace or a volume, which no rollback brings back");
  }
}

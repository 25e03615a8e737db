import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { hookEvents } from "../releases/helm-hook";
import type { ReleaseSubject } from "../subjects/fact-subjects";
import { releases } from "../subjects/fact-subjects";
import type { ObjectSubject } from "../subjects/subjects";

/** What Kubernetes retries by default; the pauses between double from 10 s to 6 min. */
export const MOST_RETRIES = 6;
/** Who keeps a Job's deadline; others need not. Source: batch/v1 JobSpec.managedBy. */
export const JOB_CONTROLLER = "kubernetes.io/job-controller";
/** What it takes as backoffLimit where only backoffLimitPerIndex is set. */
export const RETRIES_PER_INDEX = 2_147_483_647;

/**
 * Whatever a release waits for ends by itself. How long that may take is P6-1's question. A CronJob
 * is held to the same: a run that never ends keeps the next from starting.
 */
export const p6Rule3 = defineRule<ObjectSubject | ReleaseSubject>({
  id: "P6-3",
  policy: "P6",
  severity: "medium",
  title: "every Job, hook and release has a deadline",
  why: "the engine waits until a Job is complete: one that hangs holds up the deployment and its rollback",
  remediation: `set activeDeadlineSeconds and at most ${MOST_RETRIES} as backoffLimit, beside a backoffLimitPerIndex, too, suspend no Job, leave it to Kubernetes' own controller, and set timeoutSeconds of the release`,
  source: "Kubernetes batch/v1 JobSpec; helm.sh/docs/topics/charts_hooks",
  inHome: [
    (home) => home.ofKind("Job"),
    (home) => home.ofKind("CronJob"),
    (home) => home.ofKind("Pod").filter(mayBeHook),
  ],
  subjects: releases,
  check(subject, report) {
    if ("fact" in subject) {
      checkSeconds(subject.fact.timeoutSeconds, ".timeoutSeconds", report);
      return;
    }
    const { object } = subject.node;
    if (object.kind === "Pod") checkPod(object, report);
    else if (object.kind === "Job") checkJob(object, "", report);
    else checkJob(valueAt(object, "spec", "jobTemplate"), ".spec.jobTemplate", report);
  },
});

/** Without a throw: whether an unreadable Pod is one is for the check to say. */
function mayBeHook({ failure, node }: ObjectSubject): boolean {
  try {
    return failure !== undefined || hookEvents(node.object).length > 0;
  } catch {
    return true;
  }
}

function checkPod(pod: unknown, report: Report): void {
  if (hookEvents(pod).length === 0) return;
  const field = ".spec.activeDeadlineSeconds";
  checkSeconds(valueAt(pod, "spec", "activeDeadlineSeconds"), field, report);
}

function checkJob(job: unknown, place: string, report: Report): void {
  const spec = `${place}.spec`;
  const deadline = valueAt(job, "spec", "activeDeadlineSeconds");
  checkSeconds(deadline, `${spec}.activeDeadlineSeconds`, report);
  const limit = valueAt(job, "spec", "backoffLimit");
  const retries = limit ?? defaultRetries(job);
  if (!Number.isInteger(retries) || (retries as number) < 0 || (retries as number) > MOST_RETRIES) {
    const why = limit === undefined ? " beside backoffLimitPerIndex, which allows any number" : "";
    const message = `is ${shown(limit)}${why}; allowed is 0 to ${MOST_RETRIES}`;
    report(`${spec}.backoffLimit`, message);
  }
  if ((valueAt(job, "spec", "suspend") ?? false) !== false) {
    report(`${spec}.suspend`, "stops the Job and its deadline until somebody resumes it");
  }
  const manager = valueAt(job, "spec", "managedBy") ?? JOB_CONTROLLER;
  if (manager !== JOB_CONTROLLER) {
    const message = `is ${shown(manager)}, which need not keep the deadline; allowed is ${JOB_CONTROLLER}`;
    report(`${spec}.managedBy`, message);
  }
}

function defaultRetries(job: unknown): number {
  const perIndex = valueAt(job, "spec", "backoffLimitPerIndex");
  return perIndex === undefined ? MOST_RETRIES : RETRIES_PER_INDEX;
}

function checkSeconds(value: unknown, field: string, report: Report): void {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return;
  report(field, `is ${shown(value)}; allowed is a number of seconds`);
}

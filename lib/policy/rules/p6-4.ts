import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ReleaseNode, ResourceGraph, Scope } from "../graph/graph";
import { scopeKey } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { provisionings } from "../provisioning/provision-steps";
import { READINESS_BUDGET_SECONDS } from "../provisioning/readiness-budget";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { goDurationSeconds } from "../releases/go-duration";
import { fluxReleases, isFlux, pulumiReleases } from "../releases/helm-releases";
import type { ReleaseSubject } from "../subjects/fact-subjects";
import { releases } from "../subjects/fact-subjects";
import type { ObjectSubject } from "../subjects/subjects";

const MOST = READINESS_BUDGET_SECONDS;

/**
 * The way back has its time: a budget of its own, or what is left of the release's when a failure
 * shows. Helm hides this: one `--timeout` holds for the upgrade and once more for the rollback after
 * it, so that a release of five minutes takes ten.
 */
export const p6Rule4 = defineRule<ReleaseSubject | ObjectSubject>({
  id: "P6-4",
  policy: "P6",
  severity: "medium",
  title: "every release has time for its rollback, within its timeout or beside it",
  why: "a deploy that has spent its time until it counts as failed has none left to put the old revision back",
  remediation: `set rollbackTimeoutSeconds to what the slowest workload takes, at most ${MOST}, or leave as much of timeoutSeconds after progressDeadlineSeconds; in a Helm release set each timeout to ${MOST} s or less`,
  source:
    "helm/helm-www#1950: a rollback has the upgrade's timeout; Flux HelmRelease spec.rollback.timeout; Kubernetes progressDeadlineSeconds",
  inHome: [fluxReleases, pulumiReleases],
  subjects: releases,
  check(subject, report, graph) {
    if ("fact" in subject) checkRelease(subject.fact, slowest(graph, subject.scope), report);
    else if (isFlux(subject.node.object)) checkFlux(subject.node.object, report);
    else checkHelm(subject.node.object, report);
  },
});

/** The two workloads of a scope that decide how long a failed deploy takes. */
interface Slowest {
  /** Until it counts as failed: its progressDeadlineSeconds, or Infinity where it has none. */
  readonly toFail: { readonly object: string; readonly seconds: number };
  /** Until its old pods are back. */
  readonly toReturn: { readonly object: string; readonly seconds: number };
}

/** How long each workload takes is P6-1's model; pods that are replaced come up like new ones. */
const slowestByScope = perGraph((graph): ReadonlyMap<string, Slowest> => {
  const found = new Map<string, Slowest>();
  for (const { scope, stages } of provisionings(graph)) {
    for (const { subject, latency } of stages.flat()) {
      const { object } = subject;
      const { kind } = subject.node.object;
      if (!ROLLS_OUT.has(kind)) continue;
      const before = found.get(scopeKey(scope));
      const toFail = { object, seconds: deadlineOf(subject) };
      const toReturn = { object, seconds: latency.p99 };
      found.set(scopeKey(scope), {
        toFail: longer(before?.toFail, toFail),
        toReturn: longer(before?.toReturn, toReturn),
      });
    }
  }
  return found;
});

const ROLLS_OUT = new Set(["Deployment", "StatefulSet", "DaemonSet", "Rollout"]);

function slowest(graph: ResourceGraph, scope: Scope): Slowest | undefined {
  return slowestByScope(graph).get(scopeKey(scope));
}

function longer<T extends { readonly seconds: number }>(before: T | undefined, now: T): T {
  return before !== undefined && before.seconds >= now.seconds ? before : now;
}

/** Without a throw: one workload that cannot be read is other rules' finding, and takes for ever. */
function deadlineOf({ node: { object } }: ObjectSubject): number {
  try {
    const deadline = valueAt(object, "spec", "progressDeadlineSeconds");
    return typeof deadline === "number" && deadline > 0 ? deadline : Infinity;
  } catch {
    return Infinity;
  }
}

function checkRelease(release: ReleaseNode, workloads: Slowest | undefined, report: Report): void {
  const own: unknown = release.rollbackTimeoutSeconds ?? undefined;
  if (own === undefined) {
    if (workloads !== undefined) checkShared(release.timeoutSeconds, workloads, report);
    return;
  }
  const field = ".rollbackTimeoutSeconds";
  if (typeof own !== "number" || !(own > 0) || own > MOST) {
    report(field, `is ${shown(own)}; allowed is a number of seconds, at most ${MOST}`);
  } else if (workloads !== undefined && own < workloads.toReturn.seconds) {
    const { object, seconds } = workloads.toReturn;
    report(field, `is ${own}; ${object} takes ${rounded(seconds)} s until it is back`);
  }
}

function checkShared(timeout: unknown, { toFail, toReturn }: Slowest, report: Report): void {
  const field = ".timeoutSeconds";
  // What is no number of seconds is P6-3's finding.
  if (typeof timeout !== "number" || !(timeout > 0)) return;
  if (toFail.seconds >= timeout) {
    const reason = `${toFail.object} counts as failed only when it is over`;
    report(field, `is ${timeout}, and the rollback's as well: ${reason}`);
  } else if (toFail.seconds + toReturn.seconds > timeout) {
    const parts = [
      `${toFail.seconds} s until ${toFail.object} counts as failed`,
      `${rounded(toReturn.seconds)} s until ${toReturn.object} is back`,
    ];
    const sum = rounded(toFail.seconds + toReturn.seconds);
    report(field, `is ${timeout}, and the rollback's as well: ${parts.join(" and ")} are ${sum} s`);
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

/** What Flux waits for, each with a timeout that `spec.timeout` stands in for, by default 5m. */
const ACTIONS = ["install", "upgrade", "rollback"] as const;

function checkFlux(object: unknown, report: Report): void {
  const without = ACTIONS.filter((action) => {
    const timeout = valueAt(object, "spec", action, "timeout");
    if (timeout === undefined) return true;
    if (!isShort(goDurationSeconds(timeout))) {
      report(`.spec.${action}.timeout`, `is ${shown(timeout)}; at most ${MOST} s are allowed`);
    }
    return false;
  });
  const timeout = valueAt(object, "spec", "timeout") ?? "5m";
  if (without.length === 0 || isShort(goDurationSeconds(timeout))) return;
  const each = without.length > 1 ? " each" : "";
  const message = `is ${shown(timeout)} for ${without.join(" and ")}${each}; at most ${MOST} s are allowed`;
  report(".spec.timeout", message);
}

/** Helm's own default is 5 minutes, in seconds here. */
function checkHelm(object: unknown, report: Report): void {
  const timeout = valueAt(object, "timeout") ?? 300;
  if (isShort(timeout)) return;
  const again = valueAt(object, "atomic") === true ? ", and the rollback's as well" : "";
  report(".timeout", `is ${shown(timeout)}${again}; at most ${MOST} s are allowed`);
}

function isShort(seconds: unknown): boolean {
  return typeof seconds === "number" && seconds > 0 && seconds <= MOST;
}

import type { KubernetesObject } from "../../kubernetes/object";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { scopeKey } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { listAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { fluxReleases, isFlux, pulumiReleases } from "../releases/helm-releases";
import type { ReleaseSubject } from "../subjects/fact-subjects";
import { releases } from "../subjects/fact-subjects";
import type { ObjectSubject } from "../subjects/subjects";
import { objects } from "../subjects/subjects";
import { UNDO } from "./p7-4";

/**
 * A first install that failed is not taken away by itself. Zarf did, and took the volumes of a
 * package whose first upgrade it had mistaken for an install. What a Helm release holds cannot be
 * seen from outside, so it counts as data unless the release says that it leaves nothing behind.
 */
export const p7Rule6 = defineRule<ReleaseSubject | ObjectSubject>({
  id: "P7-6",
  policy: "P7",
  severity: "high",
  title: "no failed install or upgrade of what holds data is uninstalled automatically",
  why: "an uninstall deletes the volumes with all else, and an install may fail over data that was there before",
  remediation: `set failedInstall: keep; in a HelmRelease use install.strategy RetryOnFailure, or no retries and no remediateLastFailure, and never the strategy uninstall; leave atomic out of a helm.sh Release; annotate a HelmRelease without data with ${UNDO}: none`,
  source:
    "zarf-dev/zarf#2455, TestHelmUninstallRollback; Flux HelmRelease spec.install.remediation; helm install --atomic purges",
  inHome: [fluxReleases, pulumiReleases],
  subjects: releases,
  check(subject, report, graph) {
    if ("fact" in subject) {
      checkRelease(subject, report, graph);
    } else if (isFlux(subject.node.object)) {
      checkFlux(subject.node.object, report);
    } else if ((valueAt(subject.node.object, "atomic") ?? false) !== false) {
      report(".atomic", "has Helm uninstall the release when its install fails");
    }
  },
});

function checkRelease({ fact, scope }: ReleaseSubject, report: Report, graph: ResourceGraph): void {
  const data = dataByScope(graph).get(scopeKey(scope));
  const failed: unknown = fact.failedInstall;
  if (data === undefined || failed === "keep") return;
  report(".failedInstall", `is ${shown(failed)}, and ${data} holds data; allowed is "keep"`);
}

/** The first object of each scope that holds data. */
const dataByScope = perGraph((graph): ReadonlyMap<string, string> => {
  const first = new Map<string, string>();
  for (const { scope, object, node } of objects(graph)) {
    const key = scopeKey(scope);
    if (!first.has(key) && mayHoldData(node.object)) first.set(key, object);
  }
  return first;
});

/** What cannot be read may. */
function mayHoldData(object: KubernetesObject): boolean {
  if (object.kind === "PersistentVolumeClaim") return true;
  if (object.kind !== "StatefulSet") return false;
  try {
    return listAt(object, "spec", "volumeClaimTemplates").length > 0;
  } catch {
    return true;
  }
}

function checkFlux(object: KubernetesObject, report: Report): void {
  if (valueAt(object, "metadata", "annotations", UNDO) === "none") return;
  // A strategy that only retries has no remediation at all.
  if (valueAt(object, "spec", "install", "strategy", "name") !== "RetryOnFailure") {
    checkInstall(object, report);
  }
  if (valueAt(object, "spec", "upgrade", "strategy", "name") !== "RetryOnFailure") {
    const strategy = valueAt(object, "spec", "upgrade", "remediation", "strategy") ?? "rollback";
    if (strategy === "rollback") return;
    const field = ".spec.upgrade.remediation.strategy";
    report(field, `is ${shown(strategy)}; allowed is "rollback"`);
  }
}

/** Flux uninstalls before each retry, and after the last one if it is told to. */
function checkInstall(object: KubernetesObject, report: Report): void {
  const place = ".spec.install.remediation";
  const remediation = (field: string) => valueAt(object, "spec", "install", "remediation", field);
  const retries = remediation("retries") ?? 0;
  if (retries !== 0) {
    report(`${place}.retries`, `is ${shown(retries)}, each after an uninstall; allowed is 0`);
  }
  const last = remediation("remediateLastFailure") ?? false;
  if (last !== false) {
    report(
      `${place}.remediateLastFailure`,
      `is ${shown(last)}, which uninstalls; allowed is false`,
    );
  }
}

import type { KubernetesObject } from "../../kubernetes/object";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { fluxReleases, isFlux, pulumiReleases } from "../releases/helm-releases";
import type { ObjectSubject } from "../subjects/subjects";

/**
 * Whatever undoes a failed upgrade sees how that ends, stops at some time, and is resumed after it was
 * killed. Flux keeps in the HelmRelease's status where it is and unlocks a release that its own
 * predecessor left pending; a Helm client keeps nothing but the pending release.
 */
export const p7Rule5 = defineRule<ObjectSubject>({
  id: "P7-5",
  policy: "P7",
  severity: "high",
  title: "every rollback is waited for, ends in success or in a failure that shows, and is resumed",
  why: "an undo that fails unseen, is tried for ever or stops with its client leaves a mixture of two revisions that looks deployed",
  remediation:
    "let Flux wait and run the hooks of upgrade and rollback, limit retries, and suspend no release; hand a chart to AtomChart or a HelmRelease instead of an atomic helm.sh Release",
  source:
    "Flux HelmRelease spec.rollback, spec.upgrade.remediation; fluxcd/flux2#3711; helm/helm#8675, #11863; pulumi/pulumi-kubernetes#2054",
  inHome: [fluxReleases, pulumiReleases],
  check({ node: { object } }, report) {
    if (isFlux(object)) {
      checkFlux(object, report);
    } else if ((valueAt(object, "atomic") ?? false) !== false) {
      report(".atomic", "has the client roll back: killed on the way, it leaves a pending release");
    }
  },
});

/** Switches that may not be on, with what follows. */
const SWITCHES: readonly (readonly [path: readonly string[], consequence: string])[] = [
  [["suspend"], "stops Flux wherever it is, a rollback included"],
  [["upgrade", "disableWait"], "takes an upgrade for good that nobody has waited for"],
  [["rollback", "disableWait"], "takes a rollback for good that nobody has waited for"],
  [["rollback", "disableHooks"], "leaves out what the chart's hooks undo"],
];

function checkFlux(object: KubernetesObject, report: Report): void {
  for (const [path, consequence] of SWITCHES) {
    const value = valueAt(object, "spec", ...path) ?? false;
    if (value === false) continue;
    report(`.spec.${path.join(".")}`, `is ${shown(value)}, which ${consequence}`);
  }
  const strategy = valueAt(object, "spec", "upgrade", "strategy", "name") ?? "RemediateOnFailure";
  if (strategy !== "RemediateOnFailure") {
    const message = `is ${shown(strategy)}, which undoes nothing; allowed is RemediateOnFailure`;
    report(".spec.upgrade.strategy.name", message);
    return;
  }
  checkRetries(object, report);
}

function checkRetries(object: KubernetesObject, report: Report): void {
  const remediation = (field: string) => valueAt(object, "spec", "upgrade", "remediation", field);
  const retries = remediation("retries") ?? 0;
  if (!Number.isInteger(retries) || (retries as number) < 0) {
    const message = `is ${shown(retries)}, which never ends; allowed is a number of 0 or more`;
    report(".spec.upgrade.remediation.retries", message);
  }
  // By default Flux undoes the last failure only where it was to retry at all.
  const last = remediation("remediateLastFailure") ?? retries !== 0;
  if (last !== true) {
    const message = "leaves the last failure as it is; set it to true, or retries to 1 or more";
    report(".spec.upgrade.remediation.remediateLastFailure", message);
  }
}

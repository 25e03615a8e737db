import { valueAt } from "../read";
import { defineRule } from "../rule";
import { shown } from "../shown";
import { containers } from "../subjects";

/**
 * Every start of a container asks the registry. The admission plugin AlwaysPullImages does the same
 * for a whole cluster; no graph shows whether it runs, so a pod has to say so itself.
 */
export const p1Img1 = defineRule({
  id: "P1-IMG-1",
  policy: "P1",
  severity: "medium",
  title: "every container pulls its image with its own credentials each time it starts",
  why: "an image that one tenant pulled stays on the node, and another starts it from there without having the right to pull it",
  remediation: "set imagePullPolicy: Always; of an image by digest only the manifest is asked for",
  source: "mtb DI-1; checkov CKV_K8S_15; kyverno other/always-pull-images",
  inHome: containers,
  check({ container }, report) {
    const value = valueAt(container, "imagePullPolicy");
    if (value === "Always") return;
    report(".imagePullPolicy", `imagePullPolicy is ${shown(value)}; allowed is Always`);
  },
});

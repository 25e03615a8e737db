import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { images } from "../signatures/images";

/**
 * Every start of a container, and every mount of an image, asks the registry. The admission plugin
 * AlwaysPullImages does the same for a whole cluster; no graph shows whether it runs, so a pod has to
 * say so itself.
 */
export const p1Img1 = defineRule({
  id: "P1-IMG-1",
  policy: "P1",
  severity: "medium",
  title: "every pod pulls its images with its own credentials each time it starts",
  why: "an image that one tenant pulled stays on the node, and another starts it from there without having the right to pull it",
  remediation:
    "set imagePullPolicy: Always, and pullPolicy: Always of an image that is mounted; of an image by digest only the manifest is asked for",
  source: "mtb DI-1; checkov CKV_K8S_15; kyverno other/always-pull-images",
  inHome: images,
  check(subject, report) {
    const isRun = "container" in subject;
    const value = isRun
      ? valueAt(subject.container, "imagePullPolicy")
      : valueAt(subject.element, "image", "pullPolicy");
    if (value === "Always") return;
    const field = isRun ? "imagePullPolicy" : "pullPolicy";
    report(
      isRun ? `.${field}` : `.image.${field}`,
      `${field} is ${shown(value)}; allowed is Always`,
    );
  },
});

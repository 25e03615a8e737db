import { defineRule } from "../evaluation/rule";
import { shown } from "../reading/shown";
import { imageField, imageOf, images } from "../signatures/images";

export const BY_DIGEST = /^[^@\s]+@sha256:[0-9a-f]{64}$/;

/** Every image is named by its digest, one that is mounted as a volume, too; a tag may stand beside it. */
export const p2Rule1 = defineRule({
  id: "P2-1",
  policy: "P2",
  severity: "critical",
  title: "every image that a pod runs or mounts is named by digest",
  why: "a tag can be moved to another image after it was signed and looked at",
  remediation: "write the image as repository@sha256:…, as the image lock has it",
  source:
    "gatekeeper imagedigests, kyverno require-image-checksum, checkov CKV_K8S_43, kubescape image-not-pinned-to-digest",
  inHome: images,
  check(subject, report) {
    const image = imageOf(subject);
    if (typeof image !== "string" || !BY_DIGEST.test(image)) {
      const message = `image is ${shown(image)}; allowed is repository@sha256:…`;
      report(imageField(subject), message);
    }
  },
});

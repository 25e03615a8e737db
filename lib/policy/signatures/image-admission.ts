import { apiGroup } from "../../kubernetes/kinds";
import type { KubernetesObject } from "../../kubernetes/object";
import type { Report } from "../evaluation/rule";
import type { Home } from "../graph/home";
import { eachElement, textsAt, valueAt } from "../reading/read";
import { listOf, recordOf } from "../reading/shape";
import { shown } from "../reading/shown";
import type { ObjectSubject } from "../subjects/subjects";

/** A kind of object that has a say in which images a cluster admits. */
interface Admission {
  readonly kinds: readonly string[];
  /** API group; empty for the core. */
  readonly group: string;
  /** @default - every object of the kind */
  readonly isAbout?: (object: KubernetesObject) => boolean;
  /** Reports each way in which it admits what it has not verified. */
  readonly judge: (object: KubernetesObject, report: Report) => void;
}

const ADMISSIONS: readonly Admission[] = [
  // Source: sigstore/policy-controller, "ClusterImagePolicy", "config-policy-controller".
  { kinds: ["ClusterImagePolicy"], group: "policy.sigstore.dev", judge: judgeImagePolicy },
  {
    kinds: ["ConfigMap"],
    group: "",
    isAbout: ({ metadata }) => recordOf(metadata)["name"] === "config-policy-controller",
    judge: judgeController,
  },
  {
    kinds: ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
    group: "admissionregistration.k8s.io",
    isAbout: (object) => listOf(object["webhooks"]).some(isVerifier),
    judge: judgeWebhooks,
  },
  // Source: kyverno.io, "Verify Images Rules", "ImageValidatingPolicy".
  {
    kinds: ["ClusterPolicy", "Policy"],
    group: "kyverno.io",
    isAbout: ({ spec }) => listOf(recordOf(spec)["rules"]).some(verifiesImages),
    judge: judgeKyverno,
  },
  {
    kinds: ["ImageValidatingPolicy", "NamespacedImageValidatingPolicy"],
    group: "policies.kyverno.io",
    judge: judgeValidatingPolicy,
  },
];

/** The objects of a namespace that have a say in which images a cluster admits. */
export function imageAdmissions(home: Home): ObjectSubject[] {
  return KINDS.flatMap((kind) => home.ofKind(kind).filter(admitsImages));
}

function admitsImages({ node, failure }: ObjectSubject): boolean {
  return failure === undefined && admissionOf(node.object) !== undefined;
}

const KINDS = ADMISSIONS.flatMap(({ kinds }) => kinds);

/** Reports each way in which an object lets images in whose signatures nobody has verified. */
export function admissionFaults(object: KubernetesObject, report: Report): void {
  admissionOf(object)?.judge(object, report);
}

function admissionOf(object: KubernetesObject): Admission | undefined {
  return ADMISSIONS.find(({ kinds, group, isAbout = () => true }) => {
    if (!kinds.includes(object.kind)) return false;
    try {
      const version: unknown = object.apiVersion;
      return (typeof version !== "string" || apiGroup(version) === group) && isAbout(object);
    } catch {
      // What is not known yet may be about images.
      return true;
    }
  });
}

function judgeImagePolicy(object: KubernetesObject, report: Report): void {
  const mode = valueAt(object, "spec", "mode") ?? "enforce";
  if (mode !== "enforce") report(".spec.mode", `is ${shown(mode)}; allowed is enforce`);
  eachElement(object, ["spec", "authorities"], (authority, at) => {
    if (valueAt(authority, "static", "action") === "pass") {
      report(`${at}.static.action`, "is pass, which takes every image");
    }
  });
}

function judgeController(object: KubernetesObject, report: Report): void {
  const unmatched = valueAt(object, "data", "no-match-policy") ?? "deny";
  if (unmatched !== "deny") {
    report(".data.no-match-policy", `is ${shown(unmatched)}; allowed is deny`);
  }
  const empty = valueAt(object, "data", "fail-on-empty-authorities") ?? "true";
  if (empty !== "true") {
    report(".data.fail-on-empty-authorities", `is ${shown(empty)}; allowed is true`);
  }
}

function judgeWebhooks(object: KubernetesObject, report: Report): void {
  eachElement(object, ["webhooks"], (webhook, at) => {
    if (isVerifier(webhook)) judgeFailurePolicy(webhook, [], (field, m) => report(at + field, m));
  });
}

function isVerifier(webhook: unknown): boolean {
  const { name } = recordOf(webhook);
  return typeof name === "string" && /(^|\.)policy\.sigstore\.dev$/.test(name);
}

function judgeKyverno(object: KubernetesObject, report: Report): void {
  judgeFailurePolicy(object, ["spec"], report);
  judgeFailurePolicy(object, ["spec", "webhookConfiguration"], report);
  const otherwise = valueAt(object, "spec", "validationFailureAction") ?? "Audit";
  eachElement(object, ["spec", "rules"], (rule, ruleAt) => {
    eachElement(rule, ["verifyImages"], (verification, at) => {
      const action = valueAt(verification, "failureAction") ?? otherwise;
      if (typeof action !== "string" || action.toLowerCase() !== "enforce") {
        report(`${ruleAt}${at}.failureAction`, `is ${shown(action)}; allowed is Enforce`);
      }
      if (valueAt(verification, "required") === false) {
        report(`${ruleAt}${at}.required`, "is false, which takes an image without a signature");
      }
    });
  });
}

function verifiesImages(rule: unknown): boolean {
  return listOf(recordOf(rule)["verifyImages"]).length > 0;
}

function judgeValidatingPolicy(object: KubernetesObject, report: Report): void {
  judgeFailurePolicy(object, ["spec"], report);
  const actions = textsAt(object, "spec", "validationActions");
  if (actions.length > 0 && !actions.includes("Deny")) {
    report(".spec.validationActions", "lacks Deny");
  }
  if (valueAt(object, "spec", "validationConfigurations", "required") === false) {
    report(".spec.validationConfigurations.required", "is false, which takes what is not verified");
  }
}

/** Kubernetes and Kyverno fail closed unless they are told otherwise. */
function judgeFailurePolicy(from: unknown, place: readonly string[], report: Report): void {
  const path = [...place, "failurePolicy"];
  const policy = valueAt(from, ...path) ?? "Fail";
  if (policy !== "Fail") report(`.${path.join(".")}`, `is ${shown(policy)}; allowed is Fail`);
}

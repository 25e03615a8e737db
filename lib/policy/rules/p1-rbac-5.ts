import type { KubernetesObject } from "../../kubernetes/object";
import type { PodTemplate } from "../../kubernetes/pod-template";
import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import { eachElement, recordAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { DEFAULT_ACCOUNT, serviceAccountOf } from "../rights/service-account";
import type { ObjectSubject, PodSubject } from "../subjects/subjects";
import { ofTenants } from "../tenants/tenant-namespaces";
import { tenantPods } from "../tenants/tenant-pods";

const AUTOMOUNT = "automountServiceAccountToken";
export const TOKEN_SECRET = "kubernetes.io/service-account-token";

/**
 * No pod of a tenant holds a token of the API server. A pod's own field overrules its account's, so
 * both have to say so. Two things are let through: the account `default` as Kubernetes makes it in
 * every namespace, since no pod may run as it, and a projected token for an audience that is not
 * the API server, by which a pod proves to a Vault who it is.
 */
export const p1Rbac5 = defineRule<ObjectSubject & Partial<PodSubject>>({
  id: "P1-RBAC-5",
  policy: "P1",
  severity: "high",
  title: "no pod of a tenant has a token of the API server or runs as the account default",
  why: "whoever breaks into a pod that has a token speaks to the API server with the account's rights",
  remediation: `set ${AUTOMOUNT}: false on the ServiceAccount and on the pod, give each workload an account of its own, and remove Secrets that hold tokens`,
  source:
    "kyverno restrict-automount-sa-token, restrict-sa-automount-sa-token, deny-secret-service-account-token-type; checkov CKV_K8S_38, 41, 42; kubescape C-0034, C-0190",
  inHome: [ofTenants("ServiceAccount"), ofTenants("Secret"), tenantPods],
  check({ node: { object }, pod }, report) {
    if (pod !== undefined) checkPod(pod, report);
    else if (object.kind === "Secret") checkSecret(object, report);
    else checkAccount(object, report);
  },
});

function checkAccount(object: KubernetesObject, report: Report): void {
  const value = valueAt(object, AUTOMOUNT);
  if (value === false) return;
  if (value === undefined && valueAt(object, "metadata", "name") === DEFAULT_ACCOUNT) return;
  report(`.${AUTOMOUNT}`, `${AUTOMOUNT} is ${shown(value)}; allowed is false`);
}

function checkSecret(object: KubernetesObject, report: Report): void {
  if (valueAt(object, "type") !== TOKEN_SECRET) return;
  report(".type", `a Secret of the type ${TOKEN_SECRET} holds a token that never expires`);
}

function checkPod(pod: PodTemplate, report: Report): void {
  const { name, field } = serviceAccountOf(pod);
  if (name === DEFAULT_ACCOUNT) {
    report(field, "the pod runs as the account default, which all pods without one share");
  }
  const value = valueAt(pod, "spec", AUTOMOUNT);
  if (value !== false) {
    report(`.spec.${AUTOMOUNT}`, `${AUTOMOUNT} is ${shown(value)}; allowed is false`);
  }
  eachElement(pod, ["spec", "volumes"], (volume, at) => {
    eachElement(volume, ["projected", "sources"], (source, within) => {
      if (recordAt(source, "serviceAccountToken") === undefined) return;
      const place = `${at}${within}.serviceAccountToken`;
      checkAudience(valueAt(source, "serviceAccountToken", "audience"), place, report);
    });
  });
}

/** Without an audience a token is for the API server. */
function checkAudience(audience: unknown, place: string, report: Report): void {
  if (typeof audience === "string" && audience !== "" && !isApiServer(audience)) return;
  const message = `audience is ${shown(audience)}; allowed is one other than the API server`;
  report(`${place}.audience`, message);
}

/** As clusters call it: `https://kubernetes.default.svc.cluster.local`, or `api` in older ones. */
function isApiServer(audience: string): boolean {
  return audience === "api" || /\bkubernetes\b/.test(audience);
}

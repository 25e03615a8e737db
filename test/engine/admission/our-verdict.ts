import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { ADMISSION_RULES } from "../../../lib/policy/admission/admission-rules";
import { violationsOf } from "../../../lib/policy/evaluation/evaluate";
import type { Finding } from "../../../lib/policy/evaluation/evaluate";
import { objectNode } from "../../../lib/policy/graph/graph";
import { compliantTenant, graphOf, scopeOfTenant } from "../../policy/compliant-objects";

/** What the preview says of an object. */
export interface OurVerdict {
  /** Rules that it breaks. */
  readonly broken: readonly string[];
  /** Rules that are not compared: they cannot read the object, or the case is an exception. */
  readonly apart: readonly string[];
}

interface Exception {
  readonly rule: string;
  /** Of the preview's finding. */
  readonly message: RegExp;
  /** Text that the object holds. */
  readonly holding?: RegExp;
  readonly why: string;
}

/** Where the API server and the preview may disagree. */
const EXCEPTIONS: readonly Exception[] = [
  {
    rule: "P1-POD-1",
    message: /kind "(constructor|somethingNew)"/,
    why: "the API server drops a field that it does not know before a policy sees it",
  },
  {
    rule: "P4-1",
    message: /^no annotation and no monitor/,
    why: "whether a monitor selects the pod is in other objects",
  },
  {
    rule: "P1-RBAC-3",
    message: /^ClusterRole .* is not there/,
    why: "the rights of a ClusterRole are in another object",
  },
  {
    rule: "P1-NODE-1",
    message: /^priorityClassName is "(?!system-)/,
    why: "which PriorityClasses a tenant was given is in other objects",
  },
  {
    rule: "P1-DATA-1",
    message: /^data comes from namespace/,
    why: "the API server drops the field before a policy sees it: its feature gate is off",
  },
  {
    rule: "P1-DATA-1",
    message: /^PersistentVolume .* is not in the graph/,
    why: "who else uses a volume is in other objects",
  },
  {
    rule: "P5-1",
    message: /on a namespace of tenant/,
    why: "of which stack a namespace is, is not known; P1-NS-1 refuses it by its name",
  },
  {
    rule: "P1-NET-4",
    message: /^holds /,
    holding: /"::ffff:/,
    why: "CEL reads no IPv4 block that is written as IPv6; P1-NET-3 refuses it",
  },
];

/** Where only the API server refuses. */
const STRICTER: readonly { rule: string; holding: RegExp; why: string }[] = [
  { rule: "P1-NET-3", holding: /"::ffff:/, why: "it cannot tell what such a block holds" },
];

const RULES = ADMISSION_RULES.map(({ rule }) => rule);

/** @param tenant whose namespace the object is, or is in. */
export function ourVerdict(object: KubernetesObject, tenant: string): OurVerdict {
  const { id } = objectNode(object, scopeOfTenant(tenant));
  const namespace = compliantTenant(tenant)[0]!;
  const graph = graphOf(object.kind === "Namespace" ? [object] : [namespace, object], tenant);
  const findings = violationsOf(graph, RULES).filter((finding) => finding.object === id);
  const text = JSON.stringify(object);
  const isApart = ({ rule, cause, message }: Finding) =>
    cause === "undecided" ||
    EXCEPTIONS.some(
      (one) => one.rule === rule && one.message.test(message) && (one.holding?.test(text) ?? true),
    );
  const stricter = STRICTER.filter(({ holding }) => holding.test(text)).map(({ rule }) => rule);
  const broken = idsOf(findings.filter((finding) => !isApart(finding)));
  return { broken, apart: [...idsOf(findings.filter(isApart)), ...stricter] };
}

function idsOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

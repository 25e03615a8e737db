import { TENANT_LABEL } from "../../../kubernetes/labels";
import { NAME_LABEL } from "../../network/selected-tenants";
import {
  AVOIDING,
  HOST_NAME,
  p1Node1,
  POD_AFFINITIES,
  ROLE,
  SYSTEM_CLASS,
} from "../../rules/p1-node-1";
import { admissionRule } from "../admission-rule";
import { faultIf, literal } from "../cel";
import { PODS } from "../pods";
import { TENANT } from "../tenant";

/** Who binds the pods of a DaemonSet to their nodes by name. */
const DAEMON_SET_CONTROLLERS = [
  "system:serviceaccount:kube-system:daemon-set-controller",
  "system:kube-controller-manager",
];

const CHOOSES_ROLE = (key: string) =>
  `${key} == ${literal(HOST_NAME)} || ${key}.startsWith(${literal(ROLE)})`;
const IS_TENANTS = (key: string) => `${key} == ${literal(TENANT_LABEL)}`;

/** CEL: whether a field of a pod is what it was: while a gate holds a pod back, affinities may be added. */
const STAYS = (field: string) => `dyn(oldObject).spec.?${field} == variables.spec.?${field}`;

/** What a pod goes beside, or away from, at best or by all means. */
const POD_TERMS = POD_AFFINITIES.map((kind) => `variables.spec.?affinity.?${kind}`)
  .map(
    (affinity) =>
      `${affinity}.?requiredDuringSchedulingIgnoredDuringExecution.orValue([]) + ` +
      `${affinity}.?preferredDuringSchedulingIgnoredDuringExecution.orValue([]).map(p, p.podAffinityTerm)`,
  )
  .join(" + ");

/** CEL: whether the selector of a term `t` can select no namespace but the tenant's own. */
const SELECTS_ONLY = [
  [TENANT_LABEL, "variables.tenant"],
  [NAME_LABEL, "request.namespace"],
]
  .flatMap(([key, own]) => [
    `t.namespaceSelector.?matchLabels[?${literal(key!)}].orValue("") == ${own}`,
    `t.namespaceSelector.?matchExpressions.orValue([]).exists(e, e.key == ${literal(key!)} && ` +
      `e.operator == "In" && e.values.all(v, v == ${own}))`,
  ])
  .join(" || ");

export const admitP1Node1 = admissionRule(p1Node1, {
  rest: `which PriorityClasses were given to a tenant, or are the default, is in other objects; ${SYSTEM_CLASS}… is refused`,
  scope: PODS,
  variables: {
    tenant: TENANT,
    isPlaced: `request.kind.kind == "Pod" && request.operation == "UPDATE" && ${STAYS("nodeName")} && ${STAYS("affinity")}`,
    isDaemons: `request.kind.kind == "Pod" && request.userInfo.username in ${literal(DAEMON_SET_CONTROLLERS)}`,
    selector: `variables.spec.?nodeSelector.orValue({})`,
    podTerms: POD_TERMS,
    affinity: `variables.spec.?affinity.?nodeAffinity.orValue({})`,
    terms:
      `variables.affinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms.orValue([]) + ` +
      `variables.affinity.?preferredDuringSchedulingIgnoredDuringExecution.orValue([]).map(p, p.preference)`,
  },
  faults: [
    faultIf(
      `variables.spec.?priorityClassName.orValue("").startsWith(${literal(SYSTEM_CLASS)})`,
      `priorityClassName is ${SYSTEM_CLASS}…, which goes before all others`,
    ),
    faultIf(
      `variables.podTerms.exists(t, t.?namespaces.orValue([]).exists(n, n != request.namespace))`,
      "a pod affinity names other namespaces",
    ),
    faultIf(
      `variables.podTerms.exists(t, t.?namespaceSelector.hasValue() && !(${SELECTS_ONLY}))`,
      "a pod affinity selects other namespaces",
    ),
    faultIf(
      `variables.spec.?nodeName.orValue("") != "" && !variables.isPlaced`,
      "nodeName is set; the scheduler is to choose",
    ),
    faultIf(
      `variables.spec.?tolerations.orValue([]).exists(t, t.?key.orValue("") == "")`,
      "a toleration without a key tolerates every taint",
    ),
    faultIf(
      `variables.spec.?tolerations.orValue([]).exists(t, t.?key.orValue("").startsWith(${literal(ROLE)}))`,
      `tolerates ${ROLE}…, the taint of nodes that are not for tenants`,
    ),
    faultIf(
      `variables.spec.?tolerations.orValue([]).exists(t, t.?key.orValue("") == ${literal(TENANT_LABEL)} && ` +
        `(t.?operator.orValue("Equal") != "Equal" || t.?value.orValue("") != variables.tenant))`,
      "tolerates the taint of another tenant",
    ),
    faultIf(
      `variables.selector.exists(k, ${CHOOSES_ROLE("k")} || ` +
        `${IS_TENANTS("k")} && variables.selector[k] != variables.tenant)`,
      "nodeSelector chooses a node by name, by its role, or another tenant's",
    ),
    faultIf(
      `variables.terms.exists(t, t.?matchExpressions.orValue([]).exists(e, ` +
        `e.key == ${literal(HOST_NAME)} || !(e.operator in ${literal(AVOIDING)}) && (` +
        `e.key.startsWith(${literal(ROLE)}) || ` +
        `${IS_TENANTS("e.key")} && (e.?values.orValue([]).size() == 0 || ` +
        `e.?values.orValue([]).exists(v, v != variables.tenant)))))`,
      "nodeAffinity chooses a node by name, by its role, or another tenant's",
    ),
    faultIf(
      `!variables.isPlaced && !variables.isDaemons && variables.terms.exists(t, ` +
        `t.?matchFields.orValue([]).size() > 0)`,
      "nodeAffinity chooses a node by its name",
    ),
  ],
});

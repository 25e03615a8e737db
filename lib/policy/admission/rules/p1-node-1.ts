import { TENANT_LABEL } from "../../../kubernetes/labels";
import { AVOIDING, HOST_NAME, p1Node1, ROLE } from "../../rules/p1-node-1";
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

export const admitP1Node1 = admissionRule(p1Node1, {
  scope: PODS,
  variables: {
    tenant: TENANT,
    isPlaced: `request.kind.kind == "Pod" && request.operation == "UPDATE"`,
    isDaemons: `request.kind.kind == "Pod" && request.userInfo.username in ${literal(DAEMON_SET_CONTROLLERS)}`,
    selector: `variables.spec.?nodeSelector.orValue({})`,
    affinity: `variables.spec.?affinity.?nodeAffinity.orValue({})`,
    terms:
      `variables.affinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms.orValue([]) + ` +
      `variables.affinity.?preferredDuringSchedulingIgnoredDuringExecution.orValue([]).map(p, p.preference)`,
  },
  faults: [
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
        `!(e.operator in ${literal(AVOIDING)}) && (${CHOOSES_ROLE("e.key")} || ` +
        `${IS_TENANTS("e.key")} && (e.?values.orValue([]).size() == 0 || ` +
        `e.?values.orValue([]).exists(v, v != variables.tenant)))))`,
      "nodeAffinity chooses a node by name, by its role, or another tenant's",
    ),
    faultIf(
      `!variables.isPlaced && !variables.isDaemons && variables.terms.exists(t, ` +
        `t.?matchFields.orValue([]).exists(e, !(e.operator in ${literal(AVOIDING)})))`,
      "nodeAffinity chooses a node by its name",
    ),
  ],
});

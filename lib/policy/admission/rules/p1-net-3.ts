import { TENANT_LABEL } from "../../../kubernetes/labels";
import { tenantNamespace } from "../../../kubernetes/names";
import { NAME_LABEL, labelsOf } from "../../network/selected-tenants";
import { p1Net3 } from "../../rules/p1-net-3";
import { admissionRule } from "../admission-rule";
import { namespaced } from "../admission-scope";
import { faultIf, literal } from "../cel";
import { namedBy, SELECTS } from "../selectors";
import { TENANT } from "../tenant";

const PREFIX = tenantNamespace("");

/** CEL: the labels of the namespace of the tenant `t`, of which there may be none. */
const LABELS = Object.entries(labelsOf("")).map(([key, value]) => {
  if (key === TENANT_LABEL) return `${literal(key)}: t`;
  if (key === NAME_LABEL) return `${literal(key)}: ${literal(PREFIX)} + t`;
  return `${literal(key)}: ${literal(value)}`;
});

/**
 * Tenants are tried by their labels: any other one, and those whose name or label the selector has.
 * Where the graph asks whether there is such a tenant, the API server takes it that there is.
 */
export const admitP1Net3 = admissionRule(p1Net3, {
  rest: "whether a selector by labels of one's own selects another tenant's namespace hangs on that namespace; a tenant that a selector names counts as there",
  scope: namespaced("networking.k8s.io/v1", ["networkpolicies"]),
  variables: {
    tenant: TENANT,
    ingress: `dyn(object).?spec.?ingress.orValue([])`,
    egress: `dyn(object).?spec.?egress.orValue([])`,
    peerLists: `variables.ingress.map(r, r.?from.orValue([])) + variables.egress.map(r, r.?to.orValue([]))`,
    selectors: `variables.peerLists.map(peers, peers.filter(p, p.?namespaceSelector.hasValue()).map(p, p.namespaceSelector))`,
  },
  faults: [
    faultIf(
      `variables.peerLists.exists(peers, peers.size() == 0)`,
      "a rule names no peer, which allows every peer",
    ),
    faultIf(
      `variables.peerLists.exists(peers, peers.exists(p, ` +
        `!p.?ipBlock.hasValue() && !p.?namespaceSelector.hasValue() && !p.?podSelector.hasValue()))`,
      "a peer is empty, which allows every peer",
    ),
    faultIf(
      `variables.peerLists.exists(peers, peers.exists(p, ` +
        `p.?ipBlock.?cidr.orValue("").matches("/0+$") && p.?ipBlock.?except.orValue([]).size() == 0))`,
      "an ipBlock /0 without except allows every address",
    ),
    faultIf(
      `variables.peerLists.exists(peers, peers.exists(p, p.?ipBlock.hasValue() && !isCIDR(p.ipBlock.cidr)))`,
      "an ipBlock is no CIDR block, or an IPv4 one written as IPv6",
    ),
    faultIf(
      `variables.selectors.exists(list, list.exists(s, ` +
        `s.?matchLabels.orValue({}).size() == 0 && s.?matchExpressions.orValue([]).size() == 0))`,
      "a namespaceSelector is empty, which selects every namespace",
    ),
    faultIf(
      `variables.selectors.exists(list, list.exists(s, ` +
        `(["other", "another"] + ${namedBy(TENANT_LABEL)} + ` +
        `${namedBy(NAME_LABEL)}.filter(n, n.startsWith(${literal(PREFIX)})).map(n, n.substring(${PREFIX.length})))` +
        `.exists(t, t != variables.tenant && [{${LABELS.join(", ")}}].exists(l, ${SELECTS}))))`,
      "a namespaceSelector selects another tenant's namespace",
    ),
  ],
});

import { NAME_LABEL } from "../../network/selected-tenants";
import {
  API_SERVER_PORT,
  DNS_NAMESPACE,
  DNS_PORT,
  DNS_PORT_NAMES,
  METADATA_ADDRESSES,
  p1Net4,
} from "../../rules/p1-net-4";
import { admissionRule } from "../admission-rule";
import { namespaced } from "../admission-scope";
import { faultIf, literal } from "../cel";
import { namedBy } from "../selectors";

const PORTS = `r.?ports.orValue([])`;
const LAST = `p.?endPort.orValue(p.port)`;
/** CEL: whether the rule `r` opens every port. */
const OPENS_ALL = `(${PORTS}.size() == 0 || ${PORTS}.exists(p, !p.?port.hasValue() || type(p.port) == int && p.port <= 1 && ${LAST} >= 65535))`;
const opens = (port: number) =>
  `${PORTS}.exists(p, p.?port.hasValue() && type(p.port) == int && p.port <= ${port} && ${port} <= ${LAST})`;
/** CEL: whether it opens a port on which names may be asked for. */
const OPENS_NAMES = `(${OPENS_ALL} || ${opens(DNS_PORT)} || ${PORTS}.exists(p, p.?port.hasValue() && type(p.port) == string))`;
const IS_DNS =
  `${PORTS}.size() > 0 && ${PORTS}.all(p, p.?port.hasValue() && (type(p.port) == string ? ` +
  `p.port in ${literal(DNS_PORT_NAMES)} : p.port == ${DNS_PORT} && ${LAST} == ${DNS_PORT}))`;

/** CEL: whether some peer `t` of some rule `r` is at fault. */
const inPeers = (condition: string) =>
  `variables.egress.exists(r, r.?to.orValue([]).exists(t, ${condition}))`;
/** CEL: whether the peer `t` is a block that P1-NET-3 has nothing to say on. */
const IS_BLOCK = `t.?ipBlock.hasValue() && isCIDR(t.ipBlock.cidr) && !(cidr(t.ipBlock.cidr).prefixLength() == 0 && t.ipBlock.?except.orValue([]).size() == 0)`;
/** CEL: names of other namespaces that the peer `t` chooses among. */
const SELECTOR = `t.?namespaceSelector.orValue({})`;
const IS_SELECTOR = `(${SELECTOR}.?matchLabels.orValue({}).size() > 0 || ${SELECTOR}.?matchExpressions.orValue([]).size() > 0)`;
const withNames = (condition: string) =>
  `[t.namespaceSelector].exists(s, [${namedBy(NAME_LABEL)}].exists(all, ` +
  `[all.filter(n, n != request.namespace)].exists(names, ${condition})))`;
const HOLDS_DNS = `names.size() > 0 && names.all(n, n == ${literal(DNS_NAMESPACE)})`;

export const admitP1Net4 = admissionRule(p1Net4, {
  scope: namespaced("networking.k8s.io/v1", ["networkpolicies"]),
  variables: { egress: `dyn(object).?spec.?egress.orValue([])` },
  faults: [
    faultIf(
      inPeers(
        `${IS_BLOCK} && ${literal(METADATA_ADDRESSES)}.exists(a, cidr(t.ipBlock.cidr).containsIP(a) && ` +
          `!t.ipBlock.?except.orValue([]).exists(e, isCIDR(e) && cidr(e).containsIP(a)))`,
      ),
      "an ipBlock holds a cloud's metadata address",
    ),
    faultIf(
      inPeers(`${IS_BLOCK} && ${OPENS_NAMES}`),
      `an ipBlock opens every port, port ${DNS_PORT}, or one by name`,
    ),
    faultIf(
      inPeers(`${IS_BLOCK} && ${opens(API_SERVER_PORT)} && !${OPENS_ALL}`),
      `an ipBlock opens port ${API_SERVER_PORT}, where API servers listen`,
    ),
    faultIf(
      inPeers(
        `${IS_SELECTOR} && ${withNames(`(all.size() == 0 || names.size() > 0) && !(${HOLDS_DNS}) && ${OPENS_NAMES}`)}`,
      ),
      `a namespaceSelector opens every port, port ${DNS_PORT}, or one by name; allowed for that is ${DNS_NAMESPACE} only`,
    ),
    faultIf(
      inPeers(`${IS_SELECTOR} && ${withNames(`${HOLDS_DNS} && !(${IS_DNS})`)}`),
      `opens more of ${DNS_NAMESPACE} than port ${DNS_PORT}`,
    ),
  ],
});

import { LOUD_ANNOTATIONS, p1Net6 } from "../../rules/p1-net-6";
import { admissionRule } from "../admission-rule";
import { namespaced, together } from "../admission-scope";
import { faultIf, ofKinds, pattern } from "../cel";

export const admitP1Net6 = admissionRule(p1Net6, {
  rest: "whether another tenant has the same host hangs on all of its objects",
  scope: together(
    namespaced("networking.k8s.io/v1", ["ingresses"], ["spec", "metadata.annotations"]),
    namespaced("gateway.networking.k8s.io/*", ["httproutes"], ["spec", "metadata.annotations"]),
  ),
  variables: {
    hosts: `request.kind.kind == "HTTPRoute" ? dyn(object).?spec.?hostnames.orValue([]) : dyn(object).?spec.?rules.orValue([]).map(r, r.?host.orValue(""))`,
    certified: `dyn(object).?spec.?tls.orValue([]).map(t, t.?hosts.orValue([]))`,
  },
  faults: [
    ...LOUD_ANNOTATIONS.map(([key, message]) =>
      faultIf(
        `dyn(object).metadata.?annotations.orValue({}).exists(k, k.matches(${pattern(key)}))`,
        `an annotation ${message}`,
      ),
    ),
    faultIf(
      `dyn(object).?spec.?defaultBackend.hasValue()`,
      "defaultBackend takes the requests for every host that nobody names",
    ),
    faultIf(
      `variables.hosts.exists(h, h == "" || h.contains("*")) || ` +
        `variables.certified.exists(hosts, hosts.exists(h, h == "" || h.contains("*")))`,
      "a host is empty or a wildcard; name each host",
    ),
    ofKinds(
      ["HTTPRoute"],
      faultIf(`variables.hosts.size() == 0`, "hostnames are empty, which takes every host"),
    ),
    ofKinds(
      ["Ingress"],
      faultIf(
        `variables.hosts.exists(h, !variables.certified.exists(hosts, h in hosts))`,
        "a host is not among the hosts of spec.tls",
      ),
    ),
  ],
});

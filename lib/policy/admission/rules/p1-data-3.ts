import { PLATFORM_NAMESPACE } from "../../../kubernetes/names";
import type { Allowed } from "../../references/cross-namespace-fields";
import { CROSS_NAMESPACE_FIELDS } from "../../references/cross-namespace-fields";
import { p1Data3, parsePattern } from "../../rules/p1-data-3";
import type { Pattern } from "../../rules/p1-data-3";
import { admissionRule } from "../admission-rule";
import { faultIf, listIn, literal, ofKinds } from "../cel";
import { resourceOf } from "../resource-of";

const NEAR = `[request.namespace, ${literal(PLATFORM_NAMESPACE)}]`;

/** CEL: whether the middleware of the parts `m` is a file's, or near and of no ambiguous name. */
const IS_MIDDLEWARE =
  `m.size() > 1 && m[1] != "kubernetescrd" || ` +
  `${NEAR}.exists(home, m[0].startsWith(home + "-") && !m[0].substring(home.size() + 1).contains("-"))`;

export const admitP1Data3 = admissionRule(p1Data3, {
  rest: `a namespace of the platform beside ${PLATFORM_NAMESPACE} is told by its label, which the API server does not look up: it is refused`,
  scope: {
    resources: CROSS_NAMESPACE_FIELDS.map(({ group, kinds }) => ({
      apiGroups: [group],
      apiVersions: ["*"],
      resources: kinds.map(resourceOf),
    })),
    reads: ["spec", "metadata.annotations"],
    variables: {},
  },
  faults: CROSS_NAMESPACE_FIELDS.map(({ kinds, fields }) =>
    ofKinds(
      kinds,
      ...Object.entries(fields).map(([field, allowed]) =>
        faultIf(
          someAt("dyn(object)", parsePattern(field), (value) => reachesOut(value, allowed)),
          `${field} reaches another namespace`,
        ),
      ),
    ),
  ),
});

/** CEL: whether some value at a pattern is at fault. What is missing is not. */
function someAt(root: string, pattern: Pattern, isFault: (value: string) => string): string {
  const list = pattern.indexOf(null);
  const keys = list < 0 ? pattern : pattern.slice(0, list);
  const place = root + keys.map((key) => `[?${literal(key!)}]`).join("");
  if (list < 0) {
    return keys.length === 0
      ? isFault(root)
      : `${place}.hasValue() && ${place}.value() != dyn(null) && (${isFault(`${place}.value()`)})`;
  }
  const element = `e${pattern.length}`;
  const inElement = someAt(element, pattern.slice(list + 1), isFault);
  return `${listIn(place)}.exists(${element}, ${inElement})`;
}

/** CEL: whether a field says what it may not. */
function reachesOut(value: string, allowed: Allowed): string {
  if (typeof allowed === "object") return `${value} == ${JSON.stringify(allowed.not)}`;
  switch (allowed) {
    case "own":
      return `${value} != request.namespace`;
    case "own or platform":
      return `!(${value} in ${NEAR})`;
    case "exported":
      return `!(${value} in [request.namespace, "~", "."])`;
    case "host":
      return `${value}.contains("/") && !(${value}.split("/")[0] in ${NEAR} + ["~", "."])`;
    case "middlewares":
      return `!${value}.split(",").map(m, m.trim().split("@")).all(m, ${IS_MIDDLEWARE})`;
  }
}

import { RESOURCES } from "../../quota/pod-usage";
import { p1Quo4 } from "../../rules/p1-quo-4";
import { admissionRule } from "../admission-rule";
import { inContainers, PODS } from "../pods";

/** CEL: the amount of a resource of the container `c`, or what is said for its whole pod; or "". */
function written(bound: string, resource: string): string {
  const of = (part: string, list: string) => `${part}.?resources.?${list}[?"${resource}"]`;
  const places = ["c", "variables.spec"].flatMap((part) =>
    bound === "limits" ? [of(part, "limits")] : [of(part, "requests"), of(part, "limits")],
  );
  return `${places.reduceRight((rest, place) => `${place}.or(${rest})`)}.orValue("")`;
}

/** CEL: whether a text is no amount above zero. */
const isNothing = (amount: string) =>
  `!isQuantity(${amount}) || !quantity(${amount}).isGreaterThan(quantity("0"))`;

export const admitP1Quo4 = admissionRule(p1Quo4, {
  rest: "whether all pods of the namespace fit its quota hangs on all of them",
  scope: {
    ...PODS,
    variables: {
      ...PODS.variables,
      // Ephemeral containers have no resources.
      containers: `variables.spec.?initContainers.orValue([]) + variables.spec.?containers.orValue([])`,
    },
  },
  faults: RESOURCES.flatMap((resource) =>
    ["requests", "limits"].map((bound) =>
      inContainers(isNothing(written(bound, resource)), `${bound} of ${resource} are not set`),
    ),
  ),
});

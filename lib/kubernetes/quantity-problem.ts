import { stringRule } from "../support/string-rule";
import { printable } from "./names";

/**
 * A rule for an amount of something: a Kubernetes quantity above zero, without a sign. Of digits it
 * takes no more than anybody needs, so that double-precision numbers put any two in their order.
 */
export const QUANTITY = stringRule({
  pattern: "^[0-9]{1,12}(\\.[0-9]{1,3})?([numkMGTPE]|[KMGTPE]i|[eE][0-9]{1,2})?$",
  problem: (text) =>
    `${printable(text)} is no quantity; write a number and a unit, such as 500m, 2 or 1.5Gi`,
  not: [
    { pattern: "^[0.]+([A-Za-z]|$)", problem: (text) => `${printable(text)} is not above zero` },
  ],
});

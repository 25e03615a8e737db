import { printable } from "./names";
import { isQuantity, parseQuantity } from "./quantity";

/** Why a text is no amount of something (a quantity above zero, without a sign); undefined if it is. */
export function quantityProblem(text: string): string | undefined {
  if (!/^[0-9]/.test(text) || !isQuantity(text)) {
    return `${printable(text)} is no quantity; write a number and a unit, such as 500m, 2 or 1.5Gi`;
  }
  return parseQuantity(text) > 0 ? undefined : `${printable(text)} is not above zero`;
}

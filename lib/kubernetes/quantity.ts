import { remember } from "../support/remember";

/** Powers of ten, which are exact only as a part of the number's text: 3 * 0.1 is not 0.3. */
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY =
  /^([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:([eE][+-]?[0-9]{1,3})|([numkMGTPE]|[KMGTPE]i))?$/;

/**
 * The value of a Kubernetes quantity (`500m`, `1.5Gi`, `1e3`) in its base unit: cores, bytes or a count.
 * Source: k8s.io/apimachinery/pkg/api/resource.Quantity.
 *
 * @throws RangeError if the text is no quantity.
 */
export function parseQuantity(text: string): number {
  const value = quantityOf(text);
  if (value !== undefined) return value;
  throw new RangeError(
    `'${text.slice(0, 40)}' is no quantity; write a number and a unit, such as 500m, 2 or 1.5Gi`,
  );
}

export function isQuantity(text: string): boolean {
  return quantityOf(text) !== undefined;
}

const quantityOf = remember((text): number | undefined => {
  const match = QUANTITY.exec(text);
  if (!match) return undefined;
  const [, number, exponent, suffix = ""] = match;
  const factor = BINARY[suffix];
  const value =
    factor === undefined
      ? Number(`${number}${exponent ?? `e${DECIMAL[suffix]}`}`)
      : Number(number) * factor;
  return Number.isFinite(value) ? value : undefined;
});

const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
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
  const match = QUANTITY.exec(text);
  if (!match) {
    throw new RangeError(
      `'${text.slice(0, 40)}' is no quantity; write a number and a unit, such as 500m, 2 or 1.5Gi`,
    );
  }
  const [, number, exponent, suffix] = match;
  return exponent === undefined
    ? Number(number) * SUFFIXES[suffix ?? ""]!
    : Number(`${number}${exponent}`);
}

export function isQuantity(text: string): boolean {
  return QUANTITY.test(text);
}

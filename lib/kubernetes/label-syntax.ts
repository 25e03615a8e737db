import { isDnsSubdomain, printable } from "./names";

const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/**
 * Why a text may not be a label's key; undefined if it may.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf("/");
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  if (prefix !== undefined && !isDnsSubdomain(prefix)) {
    return `label key ${printable(key)} has no DNS name before the slash`;
  }
  if (!QUALIFIED.test(key.slice(slash + 1))) {
    return `label key ${printable(key)} is not allowed; use up to 63 of A-Z, a-z, 0-9, '-', '_' and '.'`;
  }
  return undefined;
}

/** Why a text may not be a label's value; undefined if it may. An empty value is allowed. */
export function labelValueProblem(value: string): string | undefined {
  return value === "" || QUALIFIED.test(value)
    ? undefined
    : `label value ${printable(value)} is not allowed; use up to 63 of A-Z, a-z, 0-9, '-', '_' and '.', no blanks`;
}

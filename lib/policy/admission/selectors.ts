import { literal } from "./cel";

/** CEL: the values of a label that the selector `s` chooses among; none if it does not name any. */
export function namedBy(label: string): string {
  const key = literal(label);
  const isIn = `e.key == ${key} && e.operator == "In"`;
  return (
    `(s.?matchLabels[?${key}].hasValue() ? [s.matchLabels[${key}]] : ` +
    `s.?matchExpressions.orValue([]).exists(e, ${isIn}) ? ` +
    `s.matchExpressions.filter(e, ${isIn})[0].values : [])`
  );
}

/** CEL: whether the selector `s` selects what bears the labels `l`. */
export const SELECTS =
  `(s.?matchLabels.orValue({}).all(k, k in l && l[k] == s.matchLabels[k]) && ` +
  `s.?matchExpressions.orValue([]).all(e, ` +
  `e.operator == "In" ? e.key in l && l[e.key] in e.values : ` +
  `e.operator == "NotIn" ? !(e.key in l) || !(l[e.key] in e.values) : ` +
  `e.operator == "Exists" ? e.key in l : !(e.key in l)))`;

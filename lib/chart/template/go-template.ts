import type { Expression } from "./expression";

/** What the parts of a Helm chart that several templates use are called after. */
export const PREFIX = "atom-services";

/** A string as Go's template language writes it. */
export function goString(text: string): string {
  return JSON.stringify(text);
}

/**
 * An expression as Go's template language writes it, fit to be an argument. Every variable of the template
 * is one of the same name there; `$scope` holds those that are not an item of a list.
 */
export function goExpression(expression: Expression): string {
  switch (expression.kind) {
    case "variable":
      return `$${expression.name}`;
    case "member":
      return memberSource(expression.of, expression.key);
    case "lookup":
      return `(index ${goExpression(expression.of)} ${goExpression(expression.key)})`;
    case "text":
      return textSource(expression.parts);
    case "replace": {
      const { from, to } = expression;
      return `(replace ${goString(from)} ${goString(to)} ${goExpression(expression.of)})`;
    }
    case "quoted":
      return `(${goCondition(expression.of)} | toJson)`;
    case "not":
      return `(not ${goExpression(expression.of)})`;
    case "all":
      return `(and ${expression.of.map(goExpression).join(" ")})`;
    case "any":
      return `(or ${expression.of.map(goExpression).join(" ")})`;
    case "equal":
      return `(eq ${goNumber(expression.of)} ${goNumber(expression.than)})`;
    case "exceeds":
      return `(gt ${goNumber(expression.of)} ${goNumber(expression.than)})`;
    case "number":
      return String(expression.value);
    case "quantity":
    case "bytes":
    case "longest":
      return `(include ${goString(`${PREFIX}.${expression.kind}`)} ${goExpression(expression.of)})`;
    case "has":
      return `(hasKey ${goExpression(expression.of)} ${goExpression(expression.key)})`;
    case "unlisted": {
      const lists = `(list ${goExpression(expression.of)} ${goExpression(expression.in)})`;
      return `(include ${goString(`${PREFIX}.unlisted`)} ${lists})`;
    }
    case "joined":
    case "shared":
      return `(include ${goString(`${PREFIX}.${expression.name}`)} $scope)`;
    case "digest":
      return `(${goCondition(expression.of)} | fromYaml | toJson | sha256sum | printf "sha256:%s")`;
    case "when":
    case "each":
    case "entries":
    case "merged":
      throw new TypeError(`"${expression.kind}" is no single value`);
  }
}

/** Go compares numbers of one type only. */
function goNumber(expression: Expression): string {
  return `(float64 ${goExpression(expression)})`;
}

/** An expression where it is no argument. */
export function goCondition(expression: Expression): string {
  return goExpression(expression).replace(/^\((.*)\)$/s, "$1");
}

function memberSource(of: Expression, key: string): string {
  const source = goExpression(of);
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(key)) return `(index ${source} ${goString(key)})`;
  // In parentheses a map that is not there has no members, instead of being an error.
  return of.kind === "member" && isValues(of.of) ? `(${source}).${key}` : `${source}.${key}`;
}

/** The tenant's values, which hold only what was said; a service is whole. */
function isValues(expression: Expression): boolean {
  return expression.kind === "variable" && expression.name === "values";
}

function textSource(parts: readonly (string | Expression)[]): string {
  if (parts.every((part) => typeof part === "string")) return goString(parts.join(""));
  const format = parts
    .map((part) => (typeof part === "string" ? part.replaceAll("%", "%%") : "%v"))
    .join("");
  const values = parts.filter((part) => typeof part !== "string").map(goExpression);
  return `(printf ${[goString(format), ...values].join(" ")})`;
}

import type { Expression } from "./expression";

/** What the parts of a Helm chart that several templates use are called after. */
export const PREFIX = "atom-services";

/** A string as Go's template language writes it. */
export function goString(text: string): string {
  return JSON.stringify(text);
}

/**
 * An expression as Go's template language writes it: a pipeline. Every variable of the template is one of
 * the same name there; `$scope` holds those that are not an item of a list.
 */
export function goPipeline(expression: Expression): string {
  switch (expression.kind) {
    case "variable":
      return `$${expression.name}`;
    case "member":
      return memberSource(expression.of, expression.key);
    case "lookup":
      return `index ${goArgument(expression.of)} ${goArgument(expression.key)}`;
    case "text":
      return textSource(expression.parts);
    case "replace": {
      const { from, to } = expression;
      return `replace ${goString(from)} ${goString(to)} ${goArgument(expression.of)}`;
    }
    case "quoted":
      return `${goPipeline(expression.of)} | toJson`;
    case "not":
      return `not ${goArgument(expression.of)}`;
    case "all":
      return `and ${expression.of.map(goArgument).join(" ")}`;
    case "any":
      return `or ${expression.of.map(goArgument).join(" ")}`;
    case "equal":
      return `eq ${goNumber(expression.of)} ${goNumber(expression.than)}`;
    case "exceeds":
      return `gt ${goNumber(expression.of)} ${goNumber(expression.than)}`;
    case "number":
      return String(expression.value);
    case "quantity":
    case "bytes":
    case "longest":
      return `include ${goString(`${PREFIX}.${expression.kind}`)} ${goArgument(expression.of)}`;
    case "has":
      return `hasKey ${goArgument(expression.of)} ${goArgument(expression.key)}`;
    case "unlisted": {
      const lists = `(list ${goArgument(expression.of)} ${goArgument(expression.in)})`;
      return `include ${goString(`${PREFIX}.unlisted`)} ${lists}`;
    }
    case "joined":
    case "shared":
      return `include ${goString(`${PREFIX}.${expression.name}`)} $scope`;
    case "digest":
      return `${goPipeline(expression.of)} | fromYaml | toJson | sha256sum | printf "sha256:%s"`;
    case "when":
    case "each":
    case "entries":
    case "merged":
      throw new TypeError(`"${expression.kind}" is no single value`);
  }
}

/** An expression as one argument: in parentheses, if it is a call. */
export function goArgument(expression: Expression): string {
  const source = goPipeline(expression);
  return isOneTerm(expression) ? source : `(${source})`;
}

function isOneTerm(expression: Expression): boolean {
  if (expression.kind === "member") return isField(expression.key);
  if (expression.kind === "text") return isLiteral(expression.parts);
  return expression.kind === "variable" || expression.kind === "number";
}

/** Go compares numbers of one type only. */
function goNumber(expression: Expression): string {
  return `(float64 ${goArgument(expression)})`;
}

function memberSource(of: Expression, key: string): string {
  const source = goArgument(of);
  if (!isField(key)) return `index ${source} ${goString(key)}`;
  // In parentheses a map that is not there has no members, instead of being an error.
  return of.kind === "member" && isValues(of.of) ? `(${source}).${key}` : `${source}.${key}`;
}

/** Whether a key may stand behind a dot. */
function isField(key: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(key);
}

/** The tenant's values, which hold only what was said; a service is whole. */
function isValues(expression: Expression): boolean {
  return expression.kind === "variable" && expression.name === "values";
}

function textSource(parts: readonly (string | Expression)[]): string {
  if (isLiteral(parts)) return goString(parts.join(""));
  const format = parts
    .map((part) => (typeof part === "string" ? part.replaceAll("%", "%%") : "%v"))
    .join("");
  const values = parts.filter((part) => typeof part !== "string").map(goArgument);
  return `printf ${[goString(format), ...values].join(" ")}`;
}

function isLiteral(parts: readonly (string | Expression)[]): parts is readonly string[] {
  return parts.every((part) => typeof part === "string");
}

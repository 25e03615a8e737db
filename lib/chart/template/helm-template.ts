import { yamlDocument } from "../../support/yaml-writer";
import { goArgument, goPipeline, goString, PREFIX } from "./go-template";
import { expressionOf } from "./placeholder";
import type { Expression } from "./expression";
import type { SynthesizedObject } from "./synthesize";

/** A file of a Helm chart. */
export interface HelmFile {
  readonly name: string;
  readonly text: string;
}

/**
 * One object for each service as a Helm template. Structure is written as text; a value is written by
 * `toJson`, which makes one scalar, or one map or list, of it whatever it holds.
 */
export function helmTemplate({ object, condition }: SynthesizedObject): HelmFile {
  const body = ["---", ...mapLines(object, "")];
  const lines = [
    `{{- $values := .Values }}`,
    `{{- range $name, $service := include ${goString(`${PREFIX}.enabled`)} . | fromJson }}`,
    `{{- $scope := dict "values" $values "name" $name "service" $service }}`,
    ...conditional(condition === undefined ? undefined : expressionOf(condition), "", body),
    `{{- end }}`,
  ];
  const name = object.kind.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  return { name: `templates/${name}.yaml`, text: `${lines.join("\n")}\n` };
}

/** The helpers for what the objects share, sorted by name. */
export function helmHelpers(objects: readonly SynthesizedObject[]): string {
  const helpers = new Map<string, string>();
  for (const { object } of objects) collectHelpers(object, helpers);
  return [...helpers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join("\n");
}

function mapLines(map: Readonly<Record<string, unknown>>, indent: string): string[] {
  return membersInOrder(map).flatMap(([key, value]) => memberLines(key, value, indent));
}

/** Members that are always there come first, so that a list's item can begin with one. */
function membersInOrder(map: Readonly<Record<string, unknown>>): [string, unknown][] {
  const members = Object.entries(map);
  const always = members.filter(([, value]) => expressionOf(value)?.kind !== "when");
  if (always.length === 0) throw new TypeError("a map in which nothing is sure to be there");
  return [...always, ...members.filter((member) => !always.includes(member))];
}

function memberLines(key: string, value: unknown, indent: string): string[] {
  const expression = expressionOf(value);
  const name = yamlDocument(key).trimEnd();
  if (expression?.kind === "when") {
    return conditional(expression.condition, indent, memberLines(key, expression.part, indent));
  }
  if (expression?.kind === "shared" && isStructure(expression.part)) {
    const { length } = indent;
    return [
      `${indent}${name}:`,
      `${indent}  {{- ${goPipeline(expression)} | nindent ${length + 2} }}`,
    ];
  }
  if (isStructure(value)) return [`${indent}${name}:`, ...structureLines(value, `${indent}  `)];
  return [`${indent}${name}: ${scalar(value)}`];
}

function structureLines(value: unknown, indent: string): string[] {
  const expression = expressionOf(value);
  if (expression?.kind === "merged") {
    return expression.maps.flatMap((map) => mergedLines(map, indent));
  }
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, indent));
  return mapLines(value as Readonly<Record<string, unknown>>, indent);
}

function mergedLines(map: unknown, indent: string): string[] {
  const expression = expressionOf(map);
  if (expression === undefined) {
    return Object.entries(map as object).flatMap(([key, value]) => memberLines(key, value, indent));
  }
  if (expression.kind === "shared") return structureLines(expression.part, indent);
  return [
    `${indent}{{- range $key, $value := ${goArgument(expression)} }}`,
    `${indent}{{ $key | toJson }}: {{ $value | toJson }}`,
    `${indent}{{- end }}`,
  ];
}

function itemLines(item: unknown, indent: string): string[] {
  const expression = expressionOf(item);
  if (expression?.kind === "when") {
    return conditional(expression.condition, indent, itemLines(expression.part, indent));
  }
  if (expression?.kind === "each") {
    const { list, variable, part } = expression;
    return [
      `${indent}{{- range $${variable} := ${goArgument(list)} }}`,
      ...itemLines(part, indent),
      `${indent}{{- end }}`,
    ];
  }
  if (expression?.kind === "entries") {
    const { map, key, value, part } = expression;
    return [
      `${indent}{{- range $${key}, $${value} := ${goArgument(map)} }}`,
      ...itemLines(part, indent),
      `${indent}{{- end }}`,
    ];
  }
  if (!isStructure(item)) return [`${indent}- ${scalar(item)}`];
  const [first = "", ...rest] = structureLines(item, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

function conditional(
  condition: Expression | undefined,
  indent: string,
  lines: readonly string[],
): string[] {
  if (condition === undefined) return [...lines];
  return [`${indent}{{- if ${goPipeline(condition)} }}`, ...lines, `${indent}{{- end }}`];
}

/** Whether a part is written over several lines. */
function isStructure(value: unknown): boolean {
  const expression = expressionOf(value);
  if (expression !== undefined) return expression.kind === "merged";
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function scalar(value: unknown): string {
  const expression = expressionOf(value);
  if (expression === undefined) return yamlDocument(value).trimEnd();
  return `{{ ${goPipeline(expression)} | toJson }}`;
}

function collectHelpers(template: unknown, helpers: Map<string, string>): void {
  const expression = expressionOf(template);
  if (expression?.kind === "shared") {
    const body = isStructure(expression.part)
      ? structureLines(expression.part, "")
      : [scalar(expression.part)];
    helpers.set(expression.name, helper(expression.name, body));
  }
  if (expression?.kind === "joined") {
    const { name, list, variable, text } = expression;
    const line = `{{- range $${variable} := ${goArgument(list)} }}{{ ${goPipeline(text)} }}{{ end -}}`;
    helpers.set(name, helper(name, [line]));
  }
  for (const part of partsOf(expression ?? template)) collectHelpers(part, helpers);
}

function partsOf(template: unknown): readonly unknown[] {
  return typeof template === "object" && template !== null ? Object.values(template) : [];
}

function helper(name: string, body: readonly string[]): string {
  const variables = ["values", "name", "service"].map(
    (variable) => `{{- $${variable} := .${variable} }}`,
  );
  const [first = "", ...rest] = body;
  return [
    `{{- define ${goString(`${PREFIX}.${name}`)} -}}`,
    `{{- $scope := . }}${variables.join("")}`,
    ...(first.startsWith("{{-") ? [first] : [`{{- "" }}`, first]),
    ...rest,
    `{{- end }}`,
    "",
  ].join("\n");
}

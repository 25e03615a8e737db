import type { StackResource } from "../../../lib/policy/graph/stack-resource";
import { fieldOf } from "../../../lib/policy/reading/read";
import type { StackGraph } from "./stack-graph";

/**
 * Where two graphs differ, as a unified diff without context: each line has its whole path, and each
 * resource that differs its URN above. Empty if they are equal.
 */
export function graphDifference(before: StackGraph, after: StackGraph): string {
  const urns = [...new Set([...before.keys(), ...after.keys()])].sort();
  return urns.flatMap((urn) => resourceDifference(urn, before.get(urn), after.get(urn))).join("\n");
}

function resourceDifference(urn: string, before?: StackResource, after?: StackResource): string[] {
  if (before === undefined) return [`+ ${urn}`];
  if (after === undefined) return [`- ${urn}`];
  const lines = lineDifference(linesOf(before), linesOf(after));
  return lines.length === 0 ? [] : [`  ${urn}`, ...lines];
}

function lineDifference(before: readonly string[], after: readonly string[]): string[] {
  const [had, has] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !has.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !had.has(line)).map((line) => `+ ${line}`),
  ].sort((one, other) => byText(pathIn(one), pathIn(other)));
}

/** One line a value: `inputs.spec.replicas: 3`. Dependencies have no order. */
function linesOf({ dependencies, ...fields }: StackResource): string[] {
  return [...leaves(fields, []), ...dependencies.map((urn) => `dependencies: ${urn}`)];
}

function leaves(value: unknown, path: readonly (string | number)[]): string[] {
  const members = membersOf(value);
  if (members.length > 0) return members.flatMap(([key, member]) => leaves(member, [...path, key]));
  const field = fieldOf(path).replace(/^\./, "");
  // A file in a ConfigMap differs in a few of its lines.
  if (typeof value === "string" && value.includes("\n")) {
    return value.split("\n").map((line, index) => `${field}, line ${index + 1}: ${line}`);
  }
  return [`${field}: ${JSON.stringify(value)}`];
}

function membersOf(value: unknown): [key: string | number, member: unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function pathIn(line: string): string {
  return line.slice(2, line.indexOf(": "));
}

function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

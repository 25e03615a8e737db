import { printable } from "../../kubernetes/names";

/** A value of anybody's manifest as a message may repeat it: short, on one line, in ASCII. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "not set";
  if (typeof value === "string") return printable(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}

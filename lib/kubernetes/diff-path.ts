import { printable } from "../support/printable";

/** A key of a map, or which item of a list: its index, or its `name` where all items have one. */
export type Step = string | number | { readonly name: string };

/** Where in an object. */
export type Path = readonly Step[];

/** `spec.template.spec.containers[name=api].args[0]`, or `metadata.labels["a.b/c"]`; in ASCII. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (typeof step !== "string") return `[name=${word(step.name) ?? printable(step.name)}]`;
      const text = word(step);
      if (text === undefined) return `[${printable(step)}]`;
      return index === 0 ? text : `.${text}`;
    })
    .join("");
}

function word(text: string): string | undefined {
  return /^[A-Za-z_][-A-Za-z0-9_]*$/.test(text) ? text : undefined;
}

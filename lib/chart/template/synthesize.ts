import { ApiObject, App, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { isPlaceholder } from "./placeholder";
import type { Condition, Symbolic, Template } from "./placeholder";

/** A typed kind of cdk8s, such as `k8s.KubeDeployment`. */
export interface Kind<Props> {
  readonly GVK: { readonly apiVersion: string; readonly kind: string };
  new (scope: Construct, id: string, props?: Props): ApiObject;
}

/** An object with placeholders in it. */
export interface ObjectTemplate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** An object that is made if its condition holds. */
export interface SynthesizedObject {
  readonly object: ObjectTemplate;
  readonly condition?: Symbolic<unknown> | Condition | undefined;
}

/** Stands for a placeholder on its way through cdk8s, which takes plain data only. */
const MARK = "atom:placeholder";

/**
 * A chart whose objects have placeholders in them. Each is checked against its kind's type, and synthesised
 * by cdk8s once, whatever the number of tenants.
 */
export class TemplateChart extends Chart {
  readonly #placeholders: unknown[] = [];
  readonly #conditions = new Map<string, Symbolic<unknown> | Condition>();

  constructor() {
    super(new App(), "template", { disableResourceNameHashes: true });
  }

  /**
   * Adds the one object of a kind. An `ApiObject` holds it, for the kind's own class would copy only what
   * it finds in its own fields.
   *
   * @param condition where it does not hold, there is no such object. @default - always there
   */
  add<Props>(
    kind: Kind<Props>,
    object: Template<Props>,
    condition?: Symbolic<unknown> | Condition,
  ): void {
    this.addUntyped({ ...kind.GVK, ...(object as object) }, condition);
  }

  /** Adds an object of a kind for which cdk8s has no type. */
  addUntyped(object: ObjectTemplate, condition?: Symbolic<unknown> | Condition): void {
    const { kind } = object;
    if (condition !== undefined) this.#conditions.set(kind, condition);
    new ApiObject(this, kind, this.#marked(object) as ObjectTemplate);
  }

  /** What was added, in that order. Older `constructs` refuse a method named `synthesize`. */
  toTemplates(): SynthesizedObject[] {
    return this.toJson().map((json: unknown) => {
      const object = this.#unmarked(json) as ObjectTemplate;
      return { object, condition: this.#conditions.get(object.kind) };
    });
  }

  #marked(value: unknown): unknown {
    if (isPlaceholder(value)) return { [MARK]: this.#placeholders.push(value) - 1 };
    return mapMembers(value, (member) => this.#marked(member));
  }

  #unmarked(value: unknown): unknown {
    if (typeof value === "object" && value !== null && MARK in value) {
      return this.#placeholders[value[MARK] as number];
    }
    return mapMembers(value, (member) => this.#unmarked(member));
  }
}

function mapMembers(value: unknown, change: (member: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]));
}

import { pathText } from "./diff-path";
import { shownValue } from "./diff-redaction";
import { diffValues } from "./diff-values";
import type { Comparison } from "./diff-values";
import { objectId } from "./object";
import type { KubernetesObject } from "./object";

/** A field that differs. What is secret in it is a mark, on both sides. */
export interface FieldChange {
  /** `spec.template.spec.containers[name=api].image` */
  readonly path: string;
  /** @default - the field was not there */
  readonly before?: unknown;
  /** @default - the field is gone */
  readonly after?: unknown;
}

/** An object that differs. */
export interface ObjectChange {
  readonly change: "added" | "removed" | "changed";
  readonly apiVersion: string;
  /** `Deployment tenant-acme/api` */
  readonly object: string;
  /** In the order of their paths; none unless the object is there before and after. */
  readonly fields: readonly FieldChange[];
}

/**
 * What has to happen to some objects to make others of them, object by object, by what an object is called:
 * API group, kind, namespace and name. Of two objects with one name the last one counts, as if both
 * were applied.
 */
export function diffObjects(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
  comparison: Comparison = { whole: true },
): ObjectChange[] {
  const [old, now] = [byIdentity(before), byIdentity(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .flatMap((identity) => diffObject(old.get(identity), now.get(identity), comparison));
}

function diffObject(
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
  comparison: Comparison,
): ObjectChange[] {
  if (after === undefined) return before === undefined ? [] : [changeOf("removed", before, [])];
  if (before === undefined) return [changeOf("added", after, [])];
  const changes = diffValues(before, after, comparison);
  if (changes.length === 0) return [];
  const fields = changes.map(({ path, ...values }) => ({
    path: pathText(path),
    ...Object.fromEntries(
      Object.entries(values).map(([side, value]) => [side, shownValue(after.kind, path, value)]),
    ),
  }));
  return [changeOf("changed", after, fields)];
}

function changeOf(
  change: ObjectChange["change"],
  object: KubernetesObject,
  fields: readonly FieldChange[],
): ObjectChange {
  return { change, apiVersion: object.apiVersion, object: objectId(object), fields };
}

function byIdentity(objects: readonly KubernetesObject[]): ReadonlyMap<string, KubernetesObject> {
  return new Map(objects.map((object) => [identityOf(object), object]));
}

/** Without the API's version: an object is the same one in each of them. */
export function identityOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes("/") ? apiVersion.split("/", 1)[0] : "";
  return JSON.stringify([kind, metadata.namespace ?? "", metadata.name, group]);
}

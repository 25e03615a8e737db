import { isInGroup } from "../../kubernetes/kinds";
import type { Home, ObjectSubject } from "../graph/home";
import { once } from "../reading/once";
import { nameOf, versionOf } from "../subjects/subjects";

/** What is called by a name inside its namespace. */
export interface NamedObject {
  readonly kind: string;
  /** API group, empty for the core; another group may well have a kind of the same name. */
  readonly group: string;
  readonly name: string;
}

/** Whether a namespace holds such an object. One whose name is not known yet is called by none. */
export function isInHome(home: Home, { kind, group, name }: NamedObject): boolean {
  const versions = versionsByName(home.ofKind(kind)).get(name);
  return versions?.some((version) => isInGroup(version, group)) ?? false;
}

/** The apiVersions of what bears a name. */
const versionsByName = once((subjects: readonly ObjectSubject[]) => {
  const names = new Map<string, string[]>();
  for (const subject of subjects) {
    const name = nameOf(subject);
    const version = versionOf(subject);
    if (name === undefined || version === undefined) continue;
    const known = names.get(name);
    if (known) known.push(version);
    else names.set(name, [version]);
  }
  return names;
});

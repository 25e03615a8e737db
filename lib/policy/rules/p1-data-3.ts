import { apiGroup } from "../../kubernetes/kinds";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { fieldOf, MalformedError, valueAt } from "../reading/read";
import type { Path } from "../reading/read";
import { isRecord } from "../reading/shape";
import { shown } from "../reading/shown";
import { CROSS_NAMESPACE_FIELDS } from "../references/cross-namespace-fields";
import type { Allowed } from "../references/cross-namespace-fields";
import type { ObjectSubject } from "../subjects/subjects";
import { clusterNamespaces } from "../tenants/namespace-index";
import { tenantsOwn } from "../tenants/tenant-namespaces";

/** A path whose `null` stands for each element of a list. */
export type Pattern = readonly (string | null)[];

interface CrossField {
  readonly pattern: Pattern;
  readonly allowed: Allowed;
}

/** One field of one object, so that one that cannot be read hides no other. */
interface FieldSubject extends ObjectSubject, CrossField {}

/** Where a custom resource may name a namespace, it names its own. */
export const p1Data3 = defineRule<FieldSubject>({
  id: "P1-DATA-3",
  policy: "P1",
  severity: "critical",
  title: "no custom resource of a tenant reaches into another namespace",
  why: "its controller may read every namespace, and does for one tenant what only another may ask for",
  remediation:
    "remove the namespace from the reference, or name the object's own; use a SecretStore instead of a ClusterSecretStore, and exportTo: [.]",
  source:
    "external-secrets.io, Flux, Gateway API, Traefik, prometheus-operator and Istio API references; kyverno add-external-secret-prefix, generate-flux-multi-tenant-resources",
  inHome: (home) =>
    home.kinds.flatMap((kind) => {
      const byGroup = FIELDS_BY_KIND.get(kind);
      if (byGroup === undefined) return [];
      return tenantsOwn(home, home.ofKind(kind)).flatMap((subject) => {
        const fields = fieldsOf(subject, byGroup);
        return fields.map((field) => ({ ...subject, ...field }));
      });
    }),
  check(subject, report, graph) {
    const { pattern, allowed, node, scope } = subject;
    const places = {
      own: valueAt(node.object, "metadata", "namespace"),
      platform: platformOf(graph, scope.cluster),
    };
    eachAt(node.object, pattern, (value, field) => {
      if (isAllowed(value, allowed, places)) return;
      report(field, `is ${shown(value)}; ${allowance(allowed, places)}`);
    });
  },
});

/** The fields of a kind in each API group that has it. */
type FieldsByGroup = Map<string, CrossField[]>;

const FIELDS_BY_KIND: ReadonlyMap<string | undefined, FieldsByGroup> = fieldsByKind();

function fieldsByKind(): Map<string, FieldsByGroup> {
  const byKind = new Map<string, FieldsByGroup>();
  for (const { group, kinds, fields } of CROSS_NAMESPACE_FIELDS) {
    const parsed = Object.entries(fields).map(([field, allowed]) => {
      return { pattern: parsePattern(field), allowed };
    });
    for (const kind of kinds) {
      byKind.set(kind, (byKind.get(kind) ?? new Map<string, CrossField[]>()).set(group, parsed));
    }
  }
  return byKind;
}

/** The fields of an object's group; of an object whose group cannot be read, those of every group. */
function fieldsOf({ node }: ObjectSubject, byGroup: FieldsByGroup): readonly CrossField[] {
  try {
    const version = valueAt(node.object, "apiVersion");
    if (typeof version === "string") return byGroup.get(apiGroup(version)) ?? [];
  } catch {
    // It is looked at as if it were all of them.
  }
  return [...byGroup.values()].flat();
}

/** Where an object may reach: its own namespace, and the platform's. */
interface Places {
  readonly own: unknown;
  readonly platform: ReadonlySet<string>;
}

function platformOf(graph: ResourceGraph, cluster: string): ReadonlySet<string> {
  return clusterNamespaces(graph, cluster).platformNames;
}

function isAllowed(value: unknown, allowed: Allowed, { own, platform }: Places): boolean {
  if (typeof allowed === "object") return value !== allowed.not;
  if (typeof value !== "string") return false;
  const isNear = (name: string) => name === own || platform.has(name);
  switch (allowed) {
    case "own":
      return value === own;
    case "own or platform":
      return isNear(value);
    case "exported":
      return value === own || ["~", "."].includes(value);
    case "host": {
      const [namespace, ...host] = value.split("/");
      return host.length === 0 || ["~", "."].includes(namespace!) || isNear(namespace!);
    }
    case "middlewares":
      return value.split(",").every((name) => isMiddleware(name.trim(), { own, platform }));
  }
}

/**
 * `tenant-a-b-c@kubernetescrd` may be b-c of tenant-a and c of tenant-a-b: Traefik does not tell
 * them apart either, so no name is taken that another namespace could have.
 */
function isMiddleware(name: string, { own, platform }: Places): boolean {
  const [object, provider] = name.split("@");
  // Those of a file and the like are the platform's.
  if (provider !== undefined && provider !== "kubernetescrd") return true;
  return [own, ...platform].some((home) => {
    const prefix = `${String(home)}-`;
    return object!.startsWith(prefix) && !object!.slice(prefix.length).includes("-");
  });
}

function allowance(allowed: Allowed, { own, platform }: Places): string {
  if (typeof allowed === "object") return "that reaches every namespace";
  const near = [own, ...platform].map(shown).join(" or ");
  switch (allowed) {
    case "own":
      return `allowed is ${shown(own)}`;
    case "own or platform":
      return `allowed is ${near}`;
    case "exported":
      return `allowed is "." or ${shown(own)}`;
    case "host":
      return `the namespace before the slash has to be "." or ${near}`;
    case "middlewares":
      return `allowed is <namespace>-<name>@kubernetescrd of ${near}, with no '-' in the name`;
  }
}

/** Reads `spec.rules[].ports` and `metadata.annotations[a.b/c]`. */
export function parsePattern(text: string): Pattern {
  return [...text.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)].map(([, key, inner]) =>
    key === undefined ? inner! || null : key,
  );
}

/** Visits every value at a pattern; what is missing or null is passed over. */
function eachAt(
  from: unknown,
  pattern: Pattern,
  visit: (value: unknown, field: string) => void,
  path: Path = ROOT,
): void {
  if (from === undefined || from === null) return;
  const step = pattern[path.length];
  if (step === undefined) {
    visit(from, fieldOf(path));
  } else if (step === null) {
    if (!Array.isArray(from)) throw new MalformedError(fieldOf(path), "is no list");
    from.forEach((element, at) => eachAt(element, pattern, visit, [...path, at]));
  } else {
    if (!isRecord(from)) throw new MalformedError(fieldOf(path), "is no object");
    // Most objects have none of these fields.
    if (Object.hasOwn(from, step)) eachAt(from[step], pattern, visit, [...path, step]);
  }
}

const ROOT: Path = [];

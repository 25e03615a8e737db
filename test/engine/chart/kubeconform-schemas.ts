import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";

/** Where kubeconform finds what {@link writeKubeconformSchemas} has written, below its folder. */
export const SCHEMA_FILE = "{{.Group}}-{{.ResourceAPIVersion}}-{{.ResourceKind}}.json";

const OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

export interface SchemaSources {
  /** File with Kubernetes' own definitions of one minor, as JSON Schema that takes no unknown field. */
  readonly definitions: string;
  /** Files with a CustomResourceDefinition each. */
  readonly customResources: readonly string[];
}

/** Writes a schema for each kind. None takes an unknown field, and none asks for anything from elsewhere. */
export function writeKubeconformSchemas(
  folder: string,
  { definitions, customResources }: SchemaSources,
): void {
  const refer = (name: string) => ({ $ref: `${pathToFileURL(definitions).href}#/$defs/${name}` });
  const write = (gvk: GroupVersionKind, schema: object) =>
    writeFileSync(join(folder, fileOf(gvk)), JSON.stringify(schema));

  const { $defs } = JSON.parse(readFileSync(definitions, "utf8")) as Definitions;
  for (const [name, { "x-kubernetes-group-version-kind": kinds = [] }] of Object.entries($defs)) {
    for (const gvk of kinds) write(gvk, refer(name));
  }
  for (const file of customResources) {
    const { spec } = parse(readFileSync(file, "utf8")) as CustomResourceDefinition;
    for (const { name: version, schema } of spec.versions) {
      const { properties, ...root } = closed(schema.openAPIV3Schema);
      write(
        { group: spec.group, version, kind: spec.names.kind },
        // The API server knows the metadata of every kind; a definition leaves it open.
        { ...root, properties: { ...properties, metadata: refer(OBJECT_META) } },
      );
    }
  }
}

/** As the template {@link SCHEMA_FILE} names it: kubeconform takes the version for the core group's name. */
function fileOf({ group, version, kind }: GroupVersionKind): string {
  return `${group === "" ? version : group}-${version}-${kind.toLowerCase()}.json`;
}

/** An object has the properties that are named and no others, unless it is a map: as the API server prunes. */
function closed(schema: StructuralSchema): StructuralSchema {
  const { type, properties, items, additionalProperties } = schema;
  const more = additionalProperties ? closed(additionalProperties) : false;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, closed(property)]),
      ),
    }),
    ...(items && { items: closed(items) }),
    ...(type === "object" && { additionalProperties: more }),
  };
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Definitions {
  readonly $defs: Readonly<
    Record<string, { readonly "x-kubernetes-group-version-kind"?: readonly GroupVersionKind[] }>
  >;
}

interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: StructuralSchema };
    }[];
  };
}

/** The part of https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema that says what fields there are. */
interface StructuralSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema | false;
}

import type { StackResource } from "../../../lib/policy/graph/stack-resource";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { Secret } from "../../../lib/support/secret";
import { UNKNOWN as UNKNOWN_TO_PLUGINS } from "../doubles/property-values";

/** A stack's resources by URN, in the form in which a recording and a preview can be compared. */
export type StackGraph = ReadonlyMap<string, StackResource>;

/** What `pulumi preview --json` prints, as far as it tells of the graph. */
export interface Preview {
  readonly steps: readonly {
    readonly op: string;
    /** As the resource is to be; missing for one that is to go. */
    readonly newState?: PreviewedResource;
  }[];
}

export interface PreviewedResource {
  readonly type: string;
  readonly urn: string;
  readonly parent?: string;
  /** URN and id of a provider. */
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly dependencies?: readonly string[];
  readonly protect?: boolean;
}

/** Stand for values that are not compared. The first is the engine's own. */
const SECRET_MARK = "[secret]";
const UNKNOWN_MARK = "[unknown]";

const ROOT_TYPE = "pulumi:pulumi:Stack";

/**
 * What a recording cannot know: the inputs that a provider's Check adds where a program leaves them
 * to it, and the place that the engine keeps in a provider's inputs for itself.
 */
const ADDED_INPUTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "command:local:Command": { addPreviousOutputInEnv: true },
  "vault:index/mount:Mount": { externalEntropyAccess: false },
  "pulumi:providers:kubernetes": { __internal: {} },
  "pulumi:providers:vault": { __internal: {} },
};

/** A recording, with what providers will add. */
export function recordedGraph(resources: readonly StackResource[]): StackGraph {
  return graphOf(
    resources.map((resource) => ({
      ...resource,
      inputs: { ...ADDED_INPUTS[resource.type], ...resource.inputs },
    })),
  );
}

/** A preview without the stack itself and the providers that the engine adds by itself. */
export function previewedGraph({ steps }: Preview): StackGraph {
  const previewed = steps.flatMap(({ newState }) => newState ?? []);
  const root = previewed.find(({ type }) => type === ROOT_TYPE)?.urn;
  return graphOf(
    previewed
      .filter(({ type }) => type !== ROOT_TYPE)
      .map(({ type, urn, parent, provider, inputs = {}, dependencies = [], protect = false }) => ({
        type,
        name: urn.split("::").slice(3).join("::"),
        urn,
        ...(parent === undefined || parent === root ? {} : { parent }),
        ...namedProvider(provider),
        inputs,
        dependencies,
        protect,
      })),
  );
}

/** No program names the providers that are the engine's own: `default`, `default_1_2_1`. */
function namedProvider(reference = ""): { readonly provider?: string } {
  const provider = reference.slice(0, reference.lastIndexOf("::"));
  return /::pulumi:providers:\w+::default(_\w+)?$/.test(provider) || provider === ""
    ? {}
    : { provider };
}

function graphOf(resources: readonly StackResource[]): StackGraph {
  return new Map(
    resources.map((resource) => [
      resource.urn,
      {
        ...resource,
        inputs: marked(resource.inputs) as Record<string, unknown>,
        dependencies: [...new Set(resource.dependencies)].sort(),
      },
    ]),
  );
}

function marked(value: unknown): unknown {
  if (value === UNKNOWN || value === UNKNOWN_TO_PLUGINS) return UNKNOWN_MARK;
  if (value instanceof Secret) return SECRET_MARK;
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member)]));
}

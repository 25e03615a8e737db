import { UsageError } from "../support/problem";
import { fieldPath, unknownWord } from "../support/strict-schema";
import { chartDefaults } from "./defaults";
import { isMap } from "./values";
import type { ValuesLayer } from "./values";

/** The layers above the chart's defaults, weakest first. */
export interface ValuesLayers {
  readonly region?: ValuesLayer | undefined;
  readonly tenant?: ValuesLayer | undefined;
  readonly stack?: ValuesLayer | undefined;
}

/** Layers as a user may write them: by name, or the stack's alone. */
export type Layers = ValuesLayer | ValuesLayers;

/** One layer of which errors can say where it stands. */
interface PlacedLayer {
  readonly at: readonly PropertyKey[];
  readonly layer: ValuesLayer;
}

const NAMES = ["region", "tenant", "stack"] as const;
const DEFAULTS: PlacedLayer = { at: ["defaults"], layer: chartDefaults };

/** What a layer may say. */
const SAID: readonly string[] = ["ingress", "services"] satisfies (keyof ValuesLayer)[];

/**
 * Each layer, the weakest first.
 *
 * @throws UsageError for keys that are neither layers nor values.
 */
export function placedLayers(layers: Layers): readonly PlacedLayer[] {
  const named: ValuesLayers = isNamed(layers) ? layers : { stack: layers };
  return NAMES.map((name) => ({ at: [name], layer: named[name] ?? {} }));
}

function isNamed(layers: Layers): layers is ValuesLayers {
  if (!isMap(layers) || Object.keys(layers).every((key) => SAID.includes(key))) return false;
  const others = Object.keys(layers).filter((key) => !isName(key));
  if (others.length === 0) return true;
  throw new UsageError(
    "chart values",
    others.map((key) => ({ path: "", message: strange(key) })),
  );
}

function isName(key: string): boolean {
  return NAMES.some((name) => name === key);
}

function strange(key: string): string {
  return SAID.includes(key)
    ? `"${key}" stands beside a layer; put it into one`
    : unknownWord("key", key, [...NAMES, ...SAID]);
}

/**
 * Does what may find fault with the values that layers come to. Each fault's path then begins with the
 * layer that the value comes from: `tenant.services.api.port`, or `defaults` if no layer says anything.
 */
export function namingLayers<T>(layers: Layers, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const placed = [DEFAULTS, ...placedLayers(layers)];
    const problems = error.problems.map((problem) =>
      /^(ingress|services)\b/.test(problem.path)
        ? { ...problem, path: `${sayer(problem.path, placed)}.${problem.path}` }
        : problem,
    );
    throw new UsageError(error.subject, problems);
  }
}

/** The strongest of the layers that say something at a path, or at the nearest place above it. */
function sayer(path: string, layers: readonly PlacedLayer[]): string {
  const here: string[] = [];
  let said: readonly Said[] = layers.map(({ at, layer }) => ({ at, key: "", value: layer }));
  for (;;) {
    // What is no map hides what lies below it.
    const visible = said.slice(said.findLastIndex(({ value }) => !isMap(value)) + 1);
    const inside = visible.flatMap(({ at, value }) =>
      Object.entries(value as Record<string, unknown>)
        .map(([key, member]) => ({ at, key, value: member }))
        .filter(({ key, value }) => value !== undefined && isWithin(path, [...here, key])),
    );
    if (inside.length === 0) return fieldPath(said.at(-1)!.at);
    here.push(inside[0]!.key);
    said = inside;
  }
}

/** What a layer says under one key. */
interface Said {
  readonly at: readonly PropertyKey[];
  readonly key: string;
  readonly value: unknown;
}

function isWithin(path: string, place: readonly string[]): boolean {
  const above = fieldPath(place);
  return path.startsWith(above) && /^([.[]|$)/.test(path.slice(above.length));
}

import { groupBy } from "../../support/group-by";
import { ResourceGraph, scopeKey } from "../graph/graph";
import type { GraphContent, ObjectNode } from "../graph/graph";
import { ANY } from "../graph/home";
import type { Home } from "../graph/home";
import { homes } from "../graph/homes";
import { placeOf } from "../graph/place";
import type { Place } from "../graph/place";
import { meets, Reads, track } from "../graph/reads";
import type { AnyRule } from "./rule";
import { ScopeNumbers, Verdict } from "./verdict";
import type { Finding, RuleResult } from "./verdict";

/** One object in the place of another; undefined for one that comes or goes. */
export interface ObjectChange {
  readonly before: ObjectNode | undefined;
  readonly after: ObjectNode | undefined;
}

/**
 * An evaluation that follows a graph whose objects change one by one, as a cluster's do. A change asks
 * the rules for the object's own namespace again, and those rules elsewhere that have read what
 * changed. It comes to what {@link evaluate} would come to. Namespaces themselves decide whose all
 * else is: where one changes, or appears, or empties, everything is decided anew.
 */
export class LiveEvaluation {
  readonly #objects: Set<ObjectNode>;
  #facts: Partial<GraphContent>;
  #graph!: ResourceGraph;
  #rules!: readonly LiveRule[];

  /** @param content everything of the graph; whose an object is has been settled. */
  constructor(
    { objects, ...facts }: Partial<GraphContent>,
    private readonly rules: readonly AnyRule[],
  ) {
    this.#objects = new Set(objects);
    this.#facts = facts;
    this.#decideAnew();
  }

  /** What the rules have come to: one result for each rule and scope. */
  get results(): readonly RuleResult[] {
    return this.#rules.flatMap((rule) => rule.results);
  }

  /**
   * Takes everything as it is now, and decides on what is another than before. An object is the same
   * as before if it is the very one, and its id and scope are the same.
   */
  update({ objects = [], ...facts }: Partial<GraphContent>): void {
    const { gone, come } = this.#differences(objects);
    const isSame = JSON.stringify(facts) === JSON.stringify(this.#facts);
    if (!isSame || gone.size + come.length > MOST_CHANGES) {
      this.#facts = facts;
      for (const node of gone) this.#objects.delete(node);
      for (const node of come) this.#objects.add(node);
      this.#decideAnew();
      return;
    }
    const byId = new Map([...gone].map((node) => [node.id, node]));
    for (const after of come) {
      const before = byId.get(after.id);
      byId.delete(after.id);
      if (before !== undefined) gone.delete(before);
      this.change({ before, after });
    }
    for (const before of gone) this.change({ before, after: undefined });
  }

  #differences(objects: readonly ObjectNode[]) {
    const known = groupBy(this.#objects, ({ object }) => object);
    const come = objects.filter((node) => {
      const before = known.get(node.object) ?? [];
      const same = before.findIndex((other) => isSame(node, other));
      if (same >= 0) before.splice(same, 1);
      return same < 0;
    });
    return { come, gone: new Set([...known.values()].flat()) };
  }

  /**
   * @returns how many times a rule was asked, for one namespace or for the whole graph.
   * @throws RangeError if what is to go is not there, or what is to come is.
   */
  change({ before, after }: ObjectChange): number {
    if (before !== undefined && !this.#objects.delete(before)) {
      throw new RangeError(`${before.id} is not there`);
    }
    if (after !== undefined && this.#objects.has(after)) {
      throw new RangeError(`${after.id} is there already`);
    }
    if (after !== undefined) this.#objects.add(after);
    const moved = this.#move(before, after);
    if (moved === undefined) return this.#decideAnew();
    const isChanged = (reads: Reads) => [...moved].some(([home, kinds]) => reads.has(home, kinds));
    const forgotten = this.#graph.forget(isChanged);
    let asked = 0;
    for (const rule of this.#rules) asked += rule.decideAgain(moved, forgotten, isChanged);
    return asked;
  }

  #decideAnew(): number {
    this.#graph = new ResourceGraph({ ...this.#facts, objects: [...this.#objects] });
    const { all } = homes(this.#graph);
    const numbers = new ScopeNumbers();
    this.#rules = this.rules.map((rule) => new LiveRule(new Verdict(rule, this.#graph, numbers)));
    let asked = 0;
    for (const rule of this.#rules) asked += rule.decideAll(all);
    return asked;
  }

  /** Puts an object in the place of another; undefined if that changes more than its own home. */
  #move(before: ObjectNode | undefined, after: ObjectNode | undefined): Moved | undefined {
    const all = homes(this.#graph);
    const moved = new Map<Home, Set<string | undefined>>();
    const at = ({ cluster, namespace, kind }: Place) => {
      const home = kind === "Namespace" ? undefined : all.find(cluster, namespace);
      if (home !== undefined) moved.set(home, (moved.get(home) ?? new Set([ANY])).add(kind));
      return home;
    };
    for (const [node, isNew] of [
      [before, false],
      [after, true],
    ] as const) {
      if (node === undefined) continue;
      const place = placeOf(node.scope, node.object);
      const home = at(place);
      if (home === undefined) return undefined;
      if (isNew) home.add(node, place.kind);
      else home.remove(node, place.kind);
    }
    for (const [home, kinds] of moved) {
      if (home.isEmpty) return undefined;
      home.forget(kinds);
    }
    return moved;
  }
}

/** Whether nothing that a rule looks at is another. */
function isSame(node: ObjectNode, other: ObjectNode): boolean {
  return (
    node.id === other.id &&
    scopeKey(node.scope) === scopeKey(other.scope) &&
    node.protect === other.protect &&
    node.rendered === other.rendered &&
    node.inCluster === other.inCluster
  );
}

/** With so many changes at once it is faster to decide everything anew. */
const MOST_CHANGES = 100;

/** The kinds of which an object came or went, by the namespace. */
type Moved = ReadonlyMap<Home, ReadonlySet<string | undefined>>;

/** What one rule has come to, and what it has read for that. */
class LiveRule {
  readonly #withinReads = new Reads();
  readonly #within = new Map<Home, readonly RuleResult[]>();
  #overallReads = new Reads();
  #overall: readonly RuleResult[] = [];
  #homes: readonly Home[] = [];

  constructor(private readonly verdict: Verdict) {}

  decideAll(all: readonly Home[]): number {
    this.#homes = all;
    return this.#decideWithin(all) + this.#decideOverall();
  }

  decideAgain(
    moved: Moved,
    forgotten: ReadonlySet<unknown>,
    isChanged: (reads: Reads) => boolean,
  ): number {
    const isOld = (reads: Reads) => isChanged(reads) || meets(reads.derived, forgotten);
    const within = isOld(this.#withinReads) ? this.#homes : [...moved.keys()];
    const again = isOld(this.#overallReads);
    return this.#decideWithin(within) + (again ? this.#decideOverall() : 0);
  }

  /** One result a scope. */
  get results(): readonly RuleResult[] {
    const byScope = new Map<string, RuleResult>();
    for (const results of [...this.#within.values(), this.#overall]) {
      for (const result of results) addTo(byScope, result);
    }
    return [...byScope.values()];
  }

  #decideWithin(all: readonly Home[]): number {
    if (this.verdict.rule.inHome === undefined) return 0;
    for (const home of all) {
      this.#withinReads.own = home;
      track(this.#withinReads, () => this.verdict.decideIn(home));
      this.#within.set(home, this.verdict.take());
    }
    return all.length;
  }

  #decideOverall(): number {
    this.#overallReads = new Reads();
    track(this.#overallReads, () => this.verdict.decideOverall());
    this.#overall = this.verdict.take();
    return 1;
  }
}

function addTo(
  byScope: Map<string, RuleResult>,
  { rule, scope, examined, findings }: RuleResult,
): void {
  const before = byScope.get(scopeKey(scope));
  const together: readonly Finding[] =
    before === undefined
      ? findings
      : [...before.findings, ...findings.filter((one) => !isRepeated(one, before.findings))];
  byScope.set(scopeKey(scope), {
    rule,
    scope,
    examined: (before?.examined ?? 0) + examined,
    findings: together,
  });
}

/** Whether it was told before, and for the same cause, that a rule cannot look at a cluster: that is said once. */
function isRepeated({ cause, object, field, scope }: Finding, before: readonly Finding[]): boolean {
  if (cause === "violation" || field !== "" || object !== `cluster ${scope.cluster}`) return false;
  return before.some((other) => other.object === object && other.cause === cause);
}

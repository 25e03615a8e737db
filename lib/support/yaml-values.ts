import { isAlias, isCollection, isMap, isScalar, isSeq } from "yaml";
import type { Alias, Document, Node, Scalar, YAMLMap } from "yaml";
import { printable } from "./printable";
import type { Problem } from "./problem";
import { fieldPath } from "./strict-schema";
import { stringProblem } from "./yaml-text";

type Path = readonly (string | number)[];

/** Keys that mean something else to a JavaScript object. */
const OBJECT_WORDS = ["__proto__", "constructor", "prototype"];
const MERGE_KEY = "<<";
/** More than these are not listed; a file with so many faults is the wrong file. */
const MOST_PROBLEMS = 100;

export interface YamlValueLimits {
  readonly maxDepth: number;
  /** How many values the aliases of one file may stand for, all together. */
  readonly maxAliased: number;
}

/** Turns the nodes of a document into plain values whose objects have no prototype. */
export class YamlValues {
  readonly problems: Problem[] = [];
  readonly #document: Document.Parsed;
  readonly #lineOf: (node: Node) => number;
  readonly #limits: YamlValueLimits;
  /** Nodes that are being converted: an alias to one of them would never end. */
  readonly #open = new Set<Node>();
  /** Anchors passed so far; an alias means the last one before it. */
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  #aliased = 0;
  #inAlias = false;

  constructor(document: Document.Parsed, lineOf: (node: Node) => number, limits: YamlValueLimits) {
    this.#document = document;
    this.#lineOf = lineOf;
    this.#limits = limits;
  }

  build(): unknown {
    return this.#value(this.#document.contents, []);
  }

  /** The node an alias stands for, once the values are built. */
  target(node: Node): Node {
    return isAlias(node) ? (this.#targets.get(node) ?? node) : node;
  }

  #value(node: Node | null, path: Path): unknown {
    if (node === null) return null;
    if (isCollection(node) && path.length >= this.#limits.maxDepth) {
      return this.#refuse(node, path, `nests deeper than ${this.#limits.maxDepth} levels`);
    }
    if (this.#inAlias && (this.#aliased += 1) > this.#limits.maxAliased) {
      if (this.#aliased === this.#limits.maxAliased + 1) {
        const message = `the aliases stand for more than ${this.#limits.maxAliased} values`;
        this.#refuse(node, path, message, "write the values out");
      }
      return null;
    }
    if (isAlias(node)) return this.#alias(node, path);
    if (node.anchor !== undefined && !this.#inAlias) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node, path);
    this.#open.add(node);
    const value = isSeq(node)
      ? node.items.map((item, index) => this.#value(item as Node | null, [...path, index]))
      : isMap(node)
        ? this.#map(node, path)
        : null;
    this.#open.delete(node);
    return value;
  }

  #map(map: YAMLMap, path: Path): unknown {
    const value = Object.create(null) as Record<string, unknown>;
    const seen = new Map<string, number>();
    for (const pair of map.items) {
      const keyNode = pair.key as Scalar<string>;
      const key = String(keyNode.value);
      const place = [...path, key];
      const fault = keyProblem(key, seen.get(key));
      if (fault !== undefined) {
        this.#refuse(keyNode, place, fault.message, fault.mend);
        continue;
      }
      seen.set(key, this.#lineOf(keyNode));
      value[key] = this.#value(pair.value as Node | null, place);
    }
    return value;
  }

  #scalar(node: Scalar, path: Path): unknown {
    const { value } = node;
    if (typeof value === "string") {
      const fault = stringProblem(value);
      return fault === undefined ? value : this.#refuse(node, path, fault);
    }
    if (typeof value === "number") {
      const fault = numberProblem(value, node.source ?? "");
      if (fault !== undefined) this.#refuse(node, path, fault, "put it in quotes if it is text");
    }
    return value;
  }

  #alias(alias: Alias, path: Path): unknown {
    const target = this.#targets.get(alias) ?? this.#anchors.get(alias.source);
    if (target === undefined) {
      return this.#refuse(alias, path, `no anchor ${printable(alias.source)} stands before it`);
    }
    if (this.#open.has(target)) {
      return this.#refuse(alias, path, `the alias ${printable(alias.source)} holds itself`);
    }
    this.#targets.set(alias, target);
    const outer = this.#inAlias;
    this.#inAlias = true;
    const value = this.#value(target, path);
    this.#inAlias = outer;
    return value;
  }

  #refuse(node: Node, path: Path, message: string, mend?: string): null {
    if (this.problems.length < MOST_PROBLEMS) {
      this.problems.push({
        path: fieldPath(path),
        line: this.#lineOf(node),
        message,
        ...(mend === undefined ? {} : { mend }),
      });
    }
    return null;
  }
}

/**
 * What is wrong with a key.
 *
 * @param firstLine where its map has it already.
 */
export function keyProblem(
  key: string,
  firstLine?: number,
): { message: string; mend?: string } | undefined {
  if (firstLine !== undefined) {
    return { message: `the key stands here for the second time, after line ${firstLine}` };
  }
  if (OBJECT_WORDS.includes(key)) return { message: "a key may not have this name" };
  if (key === MERGE_KEY) {
    return { message: "merge keys are not part of YAML 1.2", mend: "write the values out" };
  }
  const fault = stringProblem(key);
  return fault === undefined ? undefined : { message: fault };
}

/** A number that would not be the one that was typed, or that another reader takes for another. */
function numberProblem(value: number, source: string): string | undefined {
  if (!Number.isFinite(value)) return "the number is not finite";
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return "the number has more digits than can be kept";
  }
  if (/^[-+]?0[0-9]/.test(source)) {
    return "the number begins with a zero, which some readers take for octal";
  }
  return undefined;
}

import { readdirSync, realpathSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { basename, isAbsolute, join, relative, sep } from "node:path";
import { oneLine } from "../support/one-line";
import { UsageError } from "../support/problem";
import type { Problem } from "../support/problem";

/** How a folder is searched. */
export interface FilesBelowOptions {
  /** What a file's name matches, or a link's to one. */
  readonly name: RegExp;
  /**
   * Whether what links bring into several of the folders directly below counts in each of them.
   *
   * @default false
   */
  readonly perFolder?: boolean;
  /**
   * Is told of each folder that is not looked into: `node_modules`, and what a dot hides, such as `.git`. Those
   * of a mounted ConfigMap, which begin with two dots, are no such ones.
   *
   * @default - all are looked into
   */
  readonly passedOver?: (folder: string) => void;
}

const ASIDE = /^(node_modules|\.[^.].*)$/;

const DEEPEST_FOLDER = 32;
const MOST_NAMED = 5;

/**
 * Finds the files in a folder and in all folders below it. A link is followed where it leads to what lies
 * in the folder, as those of a mounted ConfigMap do. Each file counts once, also where links lead around.
 *
 * @throws UsageError for a link that leads out or to nothing: what it stands for would not be looked at.
 */
export function filesBelow(root: string, options: FilesBelowOptions): readonly string[] {
  const search = new Search(root, options);
  search.visit(root, 0);
  if (search.problems.length > 0) throw new UsageError("audit", search.problems);
  return search.files;
}

/** @throws UsageError for a folder that one may not read, or a link that leads to itself. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refused(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

class Search {
  readonly files: string[] = [];
  /** The first of them. */
  readonly problems: Problem[] = [];
  /** Real paths of what was found, each behind the folder in which it counts. */
  readonly #seen = new Set<string>();
  readonly #real: string;

  constructor(
    private readonly root: string,
    private readonly options: FilesBelowOptions,
  ) {
    this.#real = reading(root, () => realpathSync(root));
  }

  visit(folder: string, depth: number): void {
    if (depth > DEEPEST_FOLDER) throw refused(folder, "lies too deep");
    if (!this.#isNew(folder)) return;
    for (const entry of entriesIn(folder)) {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) this.#follow(path, depth);
      else if (entry.isDirectory()) this.#enter(path, depth);
      else if (entry.isFile()) this.#add(path);
    }
  }

  #enter(folder: string, depth: number): void {
    if (this.#isAside(folder)) this.options.passedOver!(folder);
    else this.visit(folder, depth + 1);
  }

  #isAside(folder: string): boolean {
    return this.options.passedOver !== undefined && ASIDE.test(basename(folder));
  }

  #follow(path: string, depth: number): void {
    const target = reading(path, () => statSync(path, { throwIfNoEntry: false }));
    if (target === undefined) {
      this.#refuse(path, "is a link to nothing", "remove it, or put there what it leads to");
    } else if (target.isDirectory()) {
      if (this.#isAside(path) || this.#holds(path)) this.#enter(path, depth);
    } else if (target.isFile() && this.options.name.test(path)) {
      if (this.#holds(path)) this.#add(path);
    }
  }

  #add(path: string): void {
    if (this.options.name.test(path) && this.#isNew(path)) this.files.push(path);
  }

  /** Whether a link leads to what lies in the folder; else it is a problem. */
  #holds(path: string): boolean {
    const below = relative(this.#real, realpathSync(path));
    if (!isAbsolute(below) && below.split(sep)[0] !== "..") return true;
    const mend = "audit a copy that holds what links lead to: cp -rL FOLDER COPY";
    this.#refuse(path, `is a link that leads out of ${oneLine(this.root)}`, mend);
    return false;
  }

  #refuse(path: string, message: string, mend: string): void {
    if (this.problems.length < MOST_NAMED)
      this.problems.push({ path: oneLine(path), message, mend });
  }

  #isNew(path: string): boolean {
    const [folder] = relative(this.root, path).split(sep);
    const real = reading(path, () => realpathSync(path));
    const key = this.options.perFolder === true ? `${folder}\n${real}` : real;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

/**
 * In the order of their names. Links come last, so that a file is told by its own name; but what begins
 * with `..` comes after them: Kubernetes mounts links to such folders, whose names say nothing.
 */
function entriesIn(folder: string): readonly Dirent[] {
  const rank = (entry: Dirent) =>
    entry.name.startsWith("..") ? 2 : Number(entry.isSymbolicLink());
  return reading(folder, () => readdirSync(folder, { withFileTypes: true })).sort(
    (a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1),
  );
}

function refused(path: string, message: string): UsageError {
  return new UsageError("audit", [{ path: oneLine(path), message }]);
}

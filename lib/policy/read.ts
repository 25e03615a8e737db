import { isRecord } from "./shape";

/** An object of anybody's manifest: every field may be missing, null or of another type. */
export type Fields = Readonly<Record<string, unknown>>;

/** Keys of objects and positions in lists. */
export type Path = readonly (string | number)[];

/**
 * Thrown where an object is not built as Kubernetes has it, so that a rule cannot look inside. The
 * evaluation counts the subject as undecided. The path is below the subject's own field, as a
 * violation's is.
 */
export class MalformedError extends Error {
  readonly field: string;

  constructor(field: string, reason: string) {
    super(reason);
    this.name = "MalformedError";
    this.field = field;
  }
}

/**
 * The value at a path. Undefined if it, or anything on the way, is missing or null: to Kubernetes
 * the two are the same.
 *
 * @throws MalformedError if something on the way is neither object nor list.
 */
export function valueAt(from: unknown, ...path: Path): unknown {
  let value = from;
  for (let depth = 0; depth < path.length; depth += 1) {
    const key = path[depth]!;
    if (value === undefined || value === null) return undefined;
    if (typeof key === "number") {
      value = requireList(value, path, depth)[key];
    } else {
      const fields = requireRecord(value, path, depth);
      // Own fields only: a label may be called "constructor".
      value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    }
  }
  return value ?? undefined;
}

/** The object at a path, or undefined if it is missing. @throws MalformedError if it is none. */
export function recordAt(from: unknown, ...path: Path): Fields | undefined {
  const value = valueAt(from, ...path);
  return value === undefined ? undefined : requireRecord(value, path);
}

/** The list at a path; empty if it is missing. @throws MalformedError if it is none. */
export function listAt(from: unknown, ...path: Path): readonly unknown[] {
  const value = valueAt(from, ...path);
  return value === undefined ? [] : requireList(value, path);
}

/**
 * The paths of the objects in a list, to read them from where the list was read. They come one by
 * one, so that what was found in the first stands when the second is malformed.
 *
 * @throws MalformedError at an element that is no object.
 */
export function* elementsAt(from: unknown, ...path: Path): Iterable<Path> {
  for (const [index, element] of listAt(from, ...path).entries()) {
    requireRecord(element, [...path, index]);
    yield [...path, index];
  }
}

/** The texts of a list at a path. @throws MalformedError at an element that is no text. */
export function textsAt(from: unknown, ...path: Path): readonly string[] {
  // Not `map`, which passes over the holes of a list.
  return Array.from(listAt(from, ...path), (value, index) => {
    if (typeof value !== "string")
      throw new MalformedError(fieldOf([...path, index]), "is no text");
    return value;
  });
}

/** A path as a field: `.ports[0].hostPort`, `.labels["atom.cloud/tenant"]`. */
export function fieldOf(path: Path): string {
  return path.map(stepOf).join("");
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;

function stepOf(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** What stands at the first so many steps of a path has to be an object. */
function requireRecord(value: unknown, path: Path, steps = path.length): Fields {
  if (isRecord(value)) return value;
  throw new MalformedError(fieldOf(path.slice(0, steps)), "is no object");
}

function requireList(value: unknown, path: Path, steps = path.length): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new MalformedError(fieldOf(path.slice(0, steps)), "is no list");
}

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
  return lookUp(from, path);
}

/** The object at a path, or undefined if it is missing. @throws MalformedError if it is none. */
export function recordAt(from: unknown, ...path: Path): Fields | undefined {
  const value = lookUp(from, path);
  return value === undefined ? undefined : requireRecord(value, path);
}

/** The list at a path; empty if it is missing. @throws MalformedError if it is none. */
export function listAt(from: unknown, ...path: Path): readonly unknown[] {
  const value = lookUp(from, path);
  return value === undefined ? NOTHING : requireList(value, path);
}

const NOTHING: readonly unknown[] = [];

function lookUp(from: unknown, path: Path): unknown {
  let value = from;
  for (let depth = 0; depth < path.length; depth += 1) {
    if (value === undefined || value === null) return undefined;
    const key = path[depth]!;
    if (typeof key === "number") {
      value = requireList(value, path, depth)[key];
    } else {
      const fields = requireRecord(value, path, depth);
      value = fields[key];
      // Own fields only: a label may be called "constructor". Most that are asked for are not there.
      if (value !== undefined && !Object.hasOwn(fields, key)) return undefined;
    }
  }
  return value ?? undefined;
}

/**
 * Visits the objects of a list one by one, so that what was found in the first stands when the
 * second is malformed.
 *
 * @param visit takes an object and its place, such as `.ports[0]`.
 * @throws MalformedError at an element that is no object, or at what the visit finds malformed in it.
 */
export function eachElement(
  from: unknown,
  path: Path,
  visit: (element: Fields, place: string) => void,
): void {
  const list = listAt(from, ...path);
  const place = list.length > 0 ? fieldOf(path) : "";
  for (let index = 0; index < list.length; index += 1) {
    const element = list[index];
    const at = `${place}[${index}]`;
    if (!isRecord(element)) throw new MalformedError(at, "is no object");
    try {
      visit(element, at);
    } catch (error) {
      throw error instanceof MalformedError
        ? new MalformedError(at + error.field, error.message)
        : error;
    }
  }
}

/** The texts of a list at a path. @throws MalformedError at an element that is no text. */
export function textsAt(from: unknown, ...path: Path): readonly string[] {
  const list = listAt(from, ...path);
  for (let index = 0; index < list.length; index += 1) {
    if (typeof list[index] === "string") continue;
    throw new MalformedError(fieldOf([...path, index]), "is no text");
  }
  return list as readonly string[];
}

/** A path as a field: `.ports[0].hostPort`, `.labels["atom.cloud/tenant"]`. */
export function fieldOf(path: Path): string {
  let field = "";
  for (const step of path) field += stepOf(step);
  return field;
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

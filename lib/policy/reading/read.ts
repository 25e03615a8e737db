import { remember } from "../../support/remember";
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
 * The value at a path. Undefined if it, or anything on the way, is missing or null. To Kubernetes the
 * two are the same, but in a map of texts, such as labels and annotations: there it stores a null as
 * an empty text.
 *
 * @throws MalformedError if something on the way is neither object nor list.
 */
export function valueAt(from: unknown, ...path: Path): unknown {
  let value = from;
  for (let depth = 0; depth < path.length; depth += 1) {
    if (value === undefined || value === null) return undefined;
    const key = path[depth]!;
    value =
      typeof key === "string"
        ? memberOf(isRecord(value) ? value : noRecord(path, depth), key)
        : (Array.isArray(value) ? value : noList(path, depth))[key];
  }
  return value ?? undefined;
}

/** The object at a path, or undefined if it is missing. @throws MalformedError if it is none. */
export function recordAt(from: unknown, ...path: Path): Fields | undefined {
  const value = valueAt(from, ...path);
  return value === undefined || isRecord(value) ? value : noRecord(path);
}

/** The list at a path; empty if it is missing. @throws MalformedError if it is none. */
export function listAt(from: unknown, ...path: Path): readonly unknown[] {
  const value = valueAt(from, ...path);
  if (value === undefined) return NOTHING;
  return Array.isArray(value) ? value : noList(path);
}

const NOTHING: readonly unknown[] = [];

/**
 * An own field; undefined if there is none: a label may be called "constructor". What an object
 * inherits is a function or its prototype, which no manifest holds, and any other value is its own.
 */
function memberOf(fields: Fields, key: string): unknown {
  const value = fields[key];
  const isInherited = typeof value === "function" || value === Object.prototype;
  return isInherited && !Object.hasOwn(fields, key) ? undefined : value;
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

/** What reading something threw, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new TypeError("it cannot be read");
}

/** A path as a field: `.ports[0].hostPort`, `.labels["atom.cloud/tenant"]`. */
export function fieldOf(path: Path): string {
  let field = "";
  for (const step of path) field += typeof step === "number" ? `[${step}]` : keyStep(step);
  return field;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;

const keyStep = remember((key) => (IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`));

/** What stands at the first so many steps of a path has to be an object. */
function noRecord(path: Path, steps = path.length): never {
  throw new MalformedError(fieldOf(path.slice(0, steps)), "is no object");
}

function noList(path: Path, steps = path.length): never {
  throw new MalformedError(fieldOf(path.slice(0, steps)), "is no list");
}

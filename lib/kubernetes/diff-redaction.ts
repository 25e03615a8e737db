import { REDACTED } from "../support/secret";
import type { Path } from "./diff-path";
import { isMap } from "./diff-values";

const SECRET_NAME = new RegExp(
  [
    "pass(word|wd|phrase|$|[-_.])|pwd|secret|token|credential|bearer|cookie|auth|jwt|hmac|salt|dsn",
    "(^|[-_.])pat($|[-_.])|connection[-_.]?string|(api|access|private|encryption|signing)[-_.]?key",
    "(^|[-_.])keys?$",
  ].join("|"),
  "i",
);
/** A user and a password, or a user alone, in an address; a password beside its name; a private key. */
const SECRET_TEXT =
  /:\/\/[^/\s@]+@|\S+:\S+@\w+\(|(password|passwd|pwd|secret|token)\s*[=:]\s*\S|PRIVATE KEY-----/i;
/** Where kubectl keeps a whole manifest, whatever it holds. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * A value of an object as it may be shown: a mark in the place of all that a Secret holds, of an entry of a ConfigMap
 * or a variable whose name says that it is secret, and of text that looks it.
 *
 * @param path where in the object the value is.
 */
export function shownValue(kind: string, path: Path, value: unknown): unknown {
  if (isMap(value)) {
    const named = isVariable(value) && SECRET_NAME.test(value.name);
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        named && key === "value" ? REDACTED : shownValue(kind, [...path, key], inner),
      ]),
    );
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => shownValue(kind, [...path, index], item));
  }
  if (value === undefined || !isSecret(kind, path, value)) return value;
  return REDACTED;
}

function isSecret(kind: string, path: Path, value: unknown): boolean {
  if (typeof value === "string" && SECRET_TEXT.test(value)) return true;
  const [root] = path;
  const [above, field] = path.slice(-2);
  if (field === LAST_APPLIED) return true;
  if (kind === "Secret") return root === "data" || root === "stringData";
  if (kind === "ConfigMap" && (root === "data" || root === "binaryData")) {
    return typeof field === "string" && SECRET_NAME.test(field);
  }
  return field === "value" && typeof above === "object" && SECRET_NAME.test(above.name);
}

/** A variable of a container's environment. */
function isVariable(map: Readonly<Record<string, unknown>>): map is { readonly name: string } {
  return typeof map["name"] === "string" && "value" in map;
}

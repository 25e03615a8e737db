import { parseJson } from "../../support/parse-json";
import { Secret } from "../../support/secret";
import { isRecord, recordOf } from "../reading/shape";
import { UNKNOWN } from "../reading/unknown";
import type { SomeSecret } from "./graph";
import type { StackResource } from "./stack-resource";

const SECRET_TYPE = "kubernetes:core/v1:Secret";
/** How a text stands in an object. */
export type TextEncoding = "plain" | "base64";

/** Where a Kubernetes Secret holds texts, and how these are written. */
export const SECRET_TEXTS = { stringData: "plain", data: "base64" } as const;

/** A text as its reader gets it. */
export function decodedText(text: string, encoding: TextEncoding): string {
  return encoding === "plain" ? text : Buffer.from(text, encoding).toString("latin1");
}

/** A resource without what is marked secret in it. */
interface Unmarked {
  readonly resource: StackResource;
  /** Of a Kubernetes Secret. */
  readonly someSecret?: SomeSecret;
}

/**
 * Takes out what is marked secret: it is unknown, but to a Kubernetes Secret, which holds nothing else,
 * and of which it is left out.
 */
export function withoutMarked(resource: StackResource): Unmarked {
  const { inputs, type } = resource;
  // Few resources hold a secret, and a look costs less than a copy.
  if (!holdsSecret(inputs)) return { resource };
  if (type !== SECRET_TYPE) return { resource: { ...resource, inputs: recordWithout(inputs) } };
  const marked: Marked[] = [];
  const left = { ...inputs };
  for (const [field, encoding] of Object.entries(SECRET_TEXTS)) {
    if (!Object.hasOwn(inputs, field)) continue;
    const members = membersOf(inputs[field]);
    left[field] = isRecord(members)
      ? Object.fromEntries(Object.entries(members).filter(([, member]) => !isSecret(member)))
      : members;
    for (const secret of Object.values(recordOf(members)).filter(isSecret)) {
      marked.push({ secret, encoding });
    }
  }
  const someSecret: SomeSecret = (is) =>
    marked.some((one) => is(decodedText(one.secret.reveal(), one.encoding)));
  return { resource: { ...resource, inputs: recordWithout(left) }, someSecret };
}

interface Marked {
  readonly secret: Secret;
  readonly encoding: TextEncoding;
}

function isSecret(member: unknown): member is Secret {
  return member instanceof Secret;
}

/** The members of a field. Where the SDK has marked them all as one, in JSON, each is a secret. */
function membersOf(value: unknown): unknown {
  if (!(value instanceof Secret)) return value;
  const members = parseJson(value.reveal());
  if (!isRecord(members)) return members === null ? undefined : UNKNOWN;
  return Object.fromEntries(
    Object.entries(members).map(([key, member]) => [key, Secret.of(String(member))]),
  );
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  for (const key in value) {
    if (holdsSecret((value as Record<string, unknown>)[key])) return true;
  }
  return false;
}

function recordWithout(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, unsecret(value)]));
}

function unsecret(value: unknown): unknown {
  if (value instanceof Secret) return UNKNOWN;
  if (Array.isArray(value)) return value.map(unsecret);
  return isRecord(value) ? recordWithout(value) : value;
}

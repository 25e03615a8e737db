import { isInGroup } from "../../kubernetes/kinds";
import type { ObjectSubject } from "../graph/home";
import { MalformedError, valueAt } from "../reading/read";
import { UndecidedError } from "../reading/unknown";

/**
 * Whether some candidate is what is asked for. One that cannot be read counts neither as a yes nor
 * as a no, unless another is a yes.
 *
 * @throws UndecidedError if none is a yes and one cannot be read.
 */
export function someOf<S extends ObjectSubject>(
  candidates: readonly S[],
  is: (candidate: S) => boolean,
): boolean {
  let failure: UndecidedError | undefined;
  for (const candidate of candidates) {
    try {
      if (candidate.failure !== undefined) throw candidate.failure;
      if (is(candidate)) return true;
    } catch (error) {
      failure = undecidedBy(candidate, error);
    }
  }
  if (failure !== undefined) throw failure;
  return false;
}

/** What to throw where a decision on one object hangs on another one that cannot be read. */
export function undecidedBy(other: ObjectSubject, error: unknown): UndecidedError {
  const isRead = error instanceof UndecidedError || error instanceof MalformedError;
  const field = isRead ? error.field.replace(/^\./, "") : "";
  return new UndecidedError("", `${field === "" ? "form" : field} of ${other.object} is not known`);
}

/** Whether an object is of an API group; another group may well have a kind of the same name. */
export function isOfGroup({ node }: ObjectSubject, group: string): boolean {
  const version = valueAt(node.object, "apiVersion");
  return typeof version === "string" && isInGroup(version, group);
}

/** The same, without a throw: one whose group is not known may be. */
export function maybeOfGroup(subject: ObjectSubject, group: string): boolean {
  try {
    return isOfGroup(subject, group);
  } catch {
    return true;
  }
}

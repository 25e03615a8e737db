import { parseLabelSelector } from "../../kubernetes/label-selector";
import type { LabelSelector } from "../../kubernetes/label-selector";
import { fieldOf, MalformedError, recordAt } from "../reading/read";
import type { Path } from "../reading/read";

/**
 * The label selector at a path; empty, which selects everything, if it is missing.
 *
 * @throws MalformedError if it is no selector that the API server would take.
 */
export function selectorAt(from: unknown, ...path: Path): LabelSelector {
  const selector = recordAt(from, ...path);
  if (selector === undefined) return EVERYTHING;
  try {
    return parseLabelSelector(selector);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MalformedError(fieldOf(path), `is no label selector: ${error.message}`);
  }
}

const EVERYTHING: LabelSelector = [];

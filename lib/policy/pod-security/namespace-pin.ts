import { printable } from "../../kubernetes/names";
import { perHome } from "../graph/home";
import type { Home, ObjectSubject } from "../graph/home";
import { valueAt } from "../reading/read";
import { UndecidedError } from "../reading/unknown";

const ENFORCED = ["metadata", "labels", "pod-security.kubernetes.io/enforce-version"];
const PINNED = /^v1\.(0|[1-9][0-9]*)$/;

/**
 * The version of the standards that the API server holds the pods of a namespace to.
 *
 * @returns n of v1.n
 * @throws UndecidedError if no Namespace says so.
 */
export function pinnedMinor(home: Home): number {
  const { minor } = pin(home);
  if (minor !== undefined) return minor;
  const whose =
    home.namespace === undefined ? "its namespace" : `Namespace ${printable(home.namespace)}`;
  throw new UndecidedError("", `${whose} pins no version of the Pod Security Standards`);
}

/** Of several Namespaces of one name, any may be the one that the API server takes. */
const pin = perHome((home): { readonly minor: number | undefined } => {
  const minors = home.ofKind("Namespace").map(minorOf);
  if (minors.length === 0 || minors.includes(undefined)) return { minor: undefined };
  return { minor: Math.min(...(minors as number[])) };
});

/** Undefined for `latest`, for what is no version and for what cannot be read. */
function minorOf({ failure, node }: ObjectSubject): number | undefined {
  if (failure !== undefined) return undefined;
  try {
    const label = valueAt(node.object, ...ENFORCED);
    const [, minor] = (typeof label === "string" && PINNED.exec(label)) || [];
    return minor === undefined ? undefined : Number(minor);
  } catch {
    // The rule that looks at the Namespace says so.
    return undefined;
  }
}

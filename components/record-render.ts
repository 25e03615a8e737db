import { identityOf } from "../lib/kubernetes/diff-objects";
import type { KubernetesObject } from "../lib/kubernetes/object";
import { objectDigest } from "../lib/kubernetes/object-digest";
import { signedRender } from "../lib/signing/render-record";
import type { RenderPlace, RenderRecord } from "../lib/signing/render-record";
import { UsageError } from "../lib/support/problem";
import { goodSignatures } from "./good-signatures";
import type { Signing } from "./mirror-reference";

/**
 * Records what a chart comes to, so that a policy can hold what is registered to it.
 *
 * @throws UsageError if renders of this tenant on this cluster are signed, and this one is not: the
 *   values have changed since.
 */
export function recordRender(
  rendered: readonly KubernetesObject[],
  {
    place,
    signing,
  }: { readonly place: RenderPlace; readonly signing: Pick<Signing, "trustedKeys" | "signatures"> },
): RenderRecord {
  const objects = Object.fromEntries(
    rendered.map((object) => [identityOf(object), objectDigest(object)]),
  );
  const expected = signedRender(place, objects);
  const isSigned = signing.signatures.some(({ repository }) => repository === expected.repository);
  if (!isSigned) return { objects, signatures: [] };
  const { signatures, reason } = goodSignatures(expected, signing);
  if (signatures.length > 0) return { objects, signatures };
  throw new UsageError("chart", [
    {
      path: "render",
      message: `no trusted key has signed the render ${expected.digest} (${reason})`,
      mend: "look at what changed since the render was signed, and sign this one",
    },
  ]);
}

import type { MirrorPlan } from "../lib/registry/mirror/plan";
import { verifyProvenance } from "../lib/signing/provenance";
import type { DeclaredProvenance } from "../lib/signing/provenance";
import { Problems } from "../lib/support/problem";
import { fieldPath } from "../lib/support/strict-schema";

/**
 * Checks that each image with a declared provenance is in the plan and was built as it has to be.
 *
 * @throws UsageError with every image that is not.
 */
export function checkProvenance(
  { images }: MirrorPlan,
  provenance: Readonly<Record<string, DeclaredProvenance>> = {},
): void {
  const problems = new Problems();
  for (const [name, declared] of Object.entries(provenance)) {
    const path = fieldPath(["provenance", name]);
    const image = images.find((planned) => planned.name === name);
    if (image === undefined) {
      problems.add(path, "the mirror has no image of this name");
      continue;
    }
    const result = verifyProvenance(declared.attestation, image.digest, declared);
    if (result.verified) continue;
    const mend = "give the attestation of this very digest, or expect what its builder says";
    problems.add(path, `${image.to}: ${result.reason}`, mend);
  }
  problems.throwIfAny("mirror");
}

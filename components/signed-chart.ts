import { chartReference, packageChart } from "../lib/chart/package";
import type { SignatureRecord } from "../lib/signing/signature";
import { UsageError } from "../lib/support/problem";
import type { MirrorReference } from "./mirror-reference";
import { goodSignatures } from "./good-signatures";

/** This library's chart in a registry, with the signatures that count. */
export interface SignedChart {
  /** `<target>/atom/charts/services@sha256:…` */
  readonly reference: string;
  readonly signatures: readonly SignatureRecord[];
}

/**
 * The chart with the signatures that a trusted key made for it in this very registry. A chart with
 * another byte, and an older version, have another digest, so that none of their signatures counts.
 *
 * @throws UsageError if there is none.
 */
export function signedChart({
  target,
  signing,
}: Pick<MirrorReference, "target" | "signing">): SignedChart {
  const { digest, repository } = packageChart();
  const expected = { repository: `${target}/${repository}`, digest };
  const { signatures, reason } = goodSignatures(expected, signing);
  if (signatures.length > 0) return { reference: chartReference(target), signatures };
  throw new UsageError("chart", [
    {
      path: "signature",
      message: `no trusted key has signed ${chartReference(target)} (${reason})`,
      mend: "sign it with: atom mirror sync --apply",
    },
  ]);
}

import { decodeBase64 } from "../signing/blob-signature";
import type { SignatureRecord } from "../signing/signature";
import { parseJson } from "../support/parse-json";
import type { ChartReference } from "./chart-reference";
import { recordOf } from "./shape";

/**
 * What a signature's payload says it is about. A claim only: it proves nothing before the signature
 * is verified. Undefined if the payload is no simple-signing document.
 * Source: sigstore/cosign specs/SIGNATURE_SPEC.md.
 */
function signatureClaim(
  payload: unknown,
): { readonly repository: string; readonly digest: string } | undefined {
  const { critical } = recordOf(parsed(payload));
  const { identity, image } = recordOf(critical);
  const repository = recordOf(identity)["docker-reference"];
  const digest = recordOf(image)["docker-manifest-digest"];
  if (typeof repository !== "string" || typeof digest !== "string") return undefined;
  return { repository, digest };
}

/** Whether a signature claims exactly this repository and digest, in its payload and in its record. */
export function namesChart(signature: SignatureRecord, chart: ChartReference): boolean {
  // A graph may hold anything where a signature belongs.
  const record = recordOf(signature);
  return [signatureClaim(record["payload"]), record].every(
    (named) => named?.repository === chart.repository && named.digest === chart.digest,
  );
}

function parsed(payload: unknown): unknown {
  const bytes = typeof payload === "string" ? decodeBase64(payload) : undefined;
  return bytes && parseJson(bytes);
}

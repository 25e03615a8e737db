import { decodeBase64 } from "../../signing/blob-signature";
import { verifyImageSignature } from "../../signing/image-signature";
import type { SignatureRecord } from "../../signing/signature";
import type { SignedImage } from "../../signing/signed-image";
import { parseJson } from "../../support/parse-json";
import { UsageError } from "../../support/problem";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { recordOf } from "../reading/shape";
import type { ChartReference } from "./chart-reference";

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

/**
 * Why a signature is no trusted key's of an image or a chart; undefined if it is. The log entry beside
 * it is left out of account: P2-4 looks at that.
 *
 * @param signature a record, or whatever stands in its place.
 */
export function verificationFault(
  graph: ResourceGraph,
  signature: unknown,
  image: SignedImage,
): string | undefined {
  const record = recordOf(signature);
  const parts = RECORD_FIELDS.map((field) => record[field]);
  if (!parts.every((part) => typeof part === "string")) return "it is no signature";
  const known = verified(graph);
  const key = [image.repository, image.digest, ...parts].join("\n");
  let fault = known.get(key);
  if (fault === undefined) {
    const plain = { ...(record as unknown as SignatureRecord), logEntry: undefined };
    known.set(key, (fault = verify(plain, image, graph.trustedKeys)));
  }
  return fault === GOOD ? undefined : fault;
}

const RECORD_FIELDS = ["repository", "digest", "payload", "signature", "keyId"] as const;

const GOOD = "";

/** The tenants of a cluster mostly carry the same signatures, and each takes some time to verify. */
const verified = perGraph(() => new Map<string, string>());

function verify(
  record: SignatureRecord,
  image: SignedImage,
  trustedKeys: readonly string[],
): string {
  try {
    const result = verifyImageSignature(record, image, trustedKeys);
    return result.verified ? GOOD : result.reason;
  } catch (error) {
    if (error instanceof UsageError) return "a trusted key cannot be read";
    throw error;
  }
}

function parsed(payload: unknown): unknown {
  const bytes = typeof payload === "string" ? decodeBase64(payload) : undefined;
  return bytes && parseJson(bytes);
}

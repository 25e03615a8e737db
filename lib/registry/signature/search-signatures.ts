import type { SignatureRecord, Verification } from "../../signing/signature";
import { RegistryError } from "../registry-error";
import type { RegistryFailure } from "../registry-error";

/** What a search for signatures came to. */
export interface FoundSignature {
  readonly verification: Verification;
  /** The good signature, where it has the form that is kept on record. */
  readonly record?: SignatureRecord;
}

/** Whoever may push can add to an image's signatures: a search that takes hours would be a denial. */
const MOST_SIGNATURES = 100;

/** What is wrong with one candidate alone. Any other failure leaves the question unanswered. */
const CANDIDATES_OWN: readonly RegistryFailure[] = ["missing", "corrupt", "refused"];

/**
 * Looks at one candidate after the other until one is good: one good signature is enough, whatever
 * else lies beside it.
 *
 * @param look gives undefined for a candidate that is no signature.
 * @throws RegistryError if the registry does not answer.
 */
export async function searchSignatures<T>(
  candidates: readonly T[],
  look: (candidate: T) => Promise<FoundSignature | undefined>,
): Promise<FoundSignature> {
  if (candidates.length > MOST_SIGNATURES) return unverified("too many signatures");
  const reasons = new Set<string>();
  for (const candidate of candidates) {
    const found = await withoutItsFault(() => look(candidate));
    if (found === undefined) continue;
    if (found.verification.verified) return found;
    reasons.add(found.verification.reason);
  }
  return unverified(reasons.size === 0 ? NO_SIGNATURE : [...reasons].join("; "));
}

export const NO_SIGNATURE = "there is no signature";

async function withoutItsFault(
  look: () => Promise<FoundSignature | undefined>,
): Promise<FoundSignature | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof RegistryError) || !CANDIDATES_OWN.includes(error.failure)) throw error;
    return unverified(error.message);
  }
}

function unverified(reason: string): FoundSignature {
  return { verification: { verified: false, reason } };
}

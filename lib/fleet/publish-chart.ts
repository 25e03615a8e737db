import { packageChart, pushChart } from "../chart/package";
import type { ChartPackage } from "../chart/package";
import { causeOf } from "../registry/cause";
import { ensureSigned, findSignature } from "../registry/signature/image-signatures";
import { parseTarget } from "../registry/mirror/plan";
import type { RegistryClient } from "../registry/registry-client";
import { RegistryError } from "../registry/registry-error";
import { drain } from "../registry/verified-stream";
import type { SigningKey } from "../signing/key";
import type { SignatureRecord, Verification } from "../signing/signature";
import type { Digest } from "../support/digest";

/** What became of the chart. */
export interface PublishedChart {
  /** Where it is, by digest. */
  readonly reference: string;
  readonly digest: Digest;
  readonly signature?: SignatureRecord;
  /** Why it failed. */
  readonly cause?: string;
}

/** Pushes the chart and signs it, unless a good signature by this key is there already. */
export async function publishChart(
  target: string,
  client: RegistryClient,
  key: SigningKey,
): Promise<PublishedChart> {
  const { chart, signed } = chartAt(target);
  const { digest } = chart;
  const about = { reference: `${signed.repository}@${digest}`, digest };
  try {
    await pushChart(chart, client);
    const place = { client, repository: chart.repository };
    return { ...about, signature: await ensureSigned(place, signed, key) };
  } catch (error) {
    return { ...about, cause: causeOf(error) };
  }
}

/**
 * Whether this release's chart is at the target: under its version, the same bytes as this library's,
 * signed by a trusted key. Reads only.
 */
export async function verifyChart(
  target: string,
  client: RegistryClient,
  keys: readonly string[],
): Promise<{ readonly digest: Digest; readonly verification: Verification }> {
  const { chart, signed } = chartAt(target);
  const { digest, repository, tag } = chart;
  const fails = (reason: string) => ({
    digest,
    verification: { verified: false, reason } as const,
  });
  try {
    const found = await client.headManifest(repository, tag);
    if (found === undefined) return fails(`${repository}:${tag} is not at the target`);
    if (found !== digest) return fails(`${repository}:${tag} is ${found}`);
    await readChart(chart, client);
    const { verification } = await findSignature({ client, repository }, signed, keys);
    return { digest, verification };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return fails(error.message);
  }
}

/**
 * Reads a chart by digest, so that what is read has the bytes of this library's.
 *
 * @throws RegistryError if a part is not there, or has other bytes.
 */
async function readChart(chart: ChartPackage, client: RegistryClient): Promise<void> {
  const { repository, digest, config, archive } = chart;
  if ((await client.getManifest(repository, digest)) === undefined) {
    throw new RegistryError("missing", `${repository}@${digest} is not at the target`);
  }
  for (const part of [config, archive]) await drain(client.openBlob(repository, part));
}

/** The chart as it lies at a target, whose path comes before its own, and as signatures name it. */
function chartAt(target: string): {
  readonly chart: ChartPackage;
  readonly signed: { readonly repository: string; readonly digest: Digest };
} {
  const own = packageChart();
  const { prefix } = parseTarget(target);
  const repository = prefix === "" ? own.repository : `${prefix}/${own.repository}`;
  return {
    chart: { ...own, repository },
    signed: { repository: `${target}/${own.repository}`, digest: own.digest },
  };
}

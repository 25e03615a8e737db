import { readFileSync } from "node:fs";
import { readTrustedKey } from "../fleet/fleet-files";
import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import { chartReference } from "../chart/package";
import { verifyChart } from "../fleet/publish-chart";
import { readFleet } from "../fleet/read-fleet";
import { readImageTree } from "../registry/image-tree";
import { parseTarget } from "../registry/mirror/plan";
import type { PlannedImage } from "../registry/mirror/plan";
import { verifySignature } from "../registry/mirror/verify";
import type { RegistryClient } from "../registry/registry-client";
import { RegistryError } from "../registry/registry-error";
import type { Verification } from "../signing/signature";
import { readTrustedKeys } from "../signing/trusted-keys";
import { mapBounded } from "../support/map-bounded";
import { UsageError } from "../support/problem";
import { textTable } from "../support/text-table";
import type { CommandContext } from "./command-context";
import { registries } from "./registries";
import { EXIT } from "./terminal";

const IMAGES_AT_ONCE = 4;

const NO_ANSWER =
  "gives no answer: see that it runs and that this machine may call it, or name another one in the fleet " +
  "file's registry.target; a proxy is read from HTTPS_PROXY, a private authority from SSL_CERT_FILE";

/** Checks that chart and images are at a fleet's target, signed. Reads only. */
export async function verifyChartAtTarget(
  { terminal, finish }: CommandContext,
  path: string,
  { key, json }: { readonly key: readonly string[]; readonly json?: true },
): Promise<void> {
  const loaded = readFleet(path, terminal.environment);
  const { target } = loaded.fleet.registry;
  const plan = planFleetMirror(loaded);
  const keys = key.length === 0 ? [readTrustedKey(loaded)] : key.map(readKey);
  keys.forEach(readTrustedKeys);
  const { registry } = parseTarget(target);
  const client = registries(terminal.environment, target)(registry);
  const { digest, verification } = await verifyChart(target, client, keys);
  const chart = {
    name: "chart services",
    reference: chartReference(target),
    digest,
    verification,
  };
  let unanswered = 0;
  const images = await mapBounded(plan.images, IMAGES_AT_ONCE, async (image) => ({
    name: image.name,
    reference: image.to,
    digest: image.digest,
    verification: await verifyImage(image, client, keys, () => unanswered++),
  }));
  const all = [chart, ...images];
  const verified = all.every((each) => each.verification.verified);
  terminal.out(
    json
      ? `${JSON.stringify({ verified, chart, images }, null, 2)}\n`
      : `${textTable(
          ["what", "digest", "result"],
          all.map((each) => [each.name, each.digest, words(each.verification)]),
        )}\n`,
  );
  if (unanswered === images.length) terminal.error(`${registry} ${NO_ANSWER}\n`);
  if (!verified) finish(EXIT.failed);
}

/**
 * By digest, as a pod pulls it; its layers are not read.
 *
 * @param unanswered called if the registry does not answer.
 */
async function verifyImage(
  image: PlannedImage,
  client: RegistryClient,
  keys: readonly string[],
  unanswered: () => void,
): Promise<Verification> {
  const { repository, digest } = image;
  try {
    const tree = await readImageTree(client, repository, digest);
    if (tree !== undefined) return await verifySignature(image, client, keys);
    return { verified: false, reason: `${repository}@${digest} is not at the target` };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    if (error.failure === "unreachable") unanswered();
    return { verified: false, reason: error.message };
  }
}

function readKey(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new UsageError("signing", [
      { path, message: `the public key's file cannot be read (${code})` },
    ]);
  }
}

function words(verification: Verification): string {
  return verification.verified ? "there and signed" : verification.reason;
}

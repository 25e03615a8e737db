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
import type { VerifiedImage } from "../registry/mirror/verify";
import type { RegistryClient } from "../registry/registry-client";
import { RegistryError } from "../registry/registry-error";
import type { Verification } from "../signing/signature";
import { readTrustedKeys } from "../signing/trusted-keys";
import { inFile } from "../support/in-file";
import { mapBounded } from "../support/map-bounded";
import { UsageError } from "../support/problem";
import { textTable } from "../support/text-table";
import type { CommandContext } from "./command-context";
import { tellOfNoAnswer } from "./no-answer";
import { registries } from "./registries";
import { EXIT } from "./terminal";

const IMAGES_AT_ONCE = 4;

/** Checks that chart and images are at a fleet's target, signed. Reads only. */
export async function verifyChartAtTarget(
  { terminal, finish }: CommandContext,
  path: string,
  { key, json }: { readonly key: readonly string[]; readonly json?: true },
): Promise<void> {
  const loaded = readFleet(path, terminal.environment);
  const { target } = loaded.fleet.registry;
  const plan = planFleetMirror(loaded);
  const keys = key.length === 0 ? [readTrustedKey(loaded, "--key")] : key.map(readKey);
  const { registry } = parseTarget(target);
  const client = registries(terminal.environment, target, terminal.error)(registry);
  const { digest, verification } = await verifyChart(target, client, keys);
  const chart = {
    name: "chart services",
    reference: chartReference(target),
    digest,
    verification,
  };
  const images = await mapBounded(plan.images, IMAGES_AT_ONCE, async (image) => ({
    name: image.name,
    reference: image.to,
    digest: image.digest,
    ...(await verifyImage(image, client, keys)),
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
  tellOfNoAnswer(terminal, images, registry);
  if (!verified) finish(EXIT.failed);
}

/** By digest, as a pod pulls it; its layers are not read. */
async function verifyImage(
  image: PlannedImage,
  client: RegistryClient,
  keys: readonly string[],
): Promise<Pick<VerifiedImage, "verification" | "failure">> {
  const { repository, digest } = image;
  try {
    const tree = await readImageTree(client, repository, digest);
    if (tree === undefined) {
      throw new RegistryError("missing", `${repository}@${digest} is not at the target`);
    }
    return { verification: await verifySignature(image, client, keys) };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const { failure, message } = error;
    return { verification: { verified: false, reason: message }, failure };
  }
}

function readKey(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new UsageError("signing", [
      { path, message: `the public key's file cannot be read (${code})` },
    ]);
  }
  inFile(path, () => readTrustedKeys(text));
  return text;
}

function words(verification: Verification): string {
  return verification.verified ? "there and signed" : verification.reason;
}

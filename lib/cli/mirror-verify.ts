import { readTrustedKey } from "../fleet/fleet-files";
import { verifyChart } from "../fleet/publish-chart";
import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import { readFleet } from "../fleet/read-fleet";
import { parseTarget } from "../registry/mirror/plan";
import { verifyMirror } from "../registry/mirror/verify";
import type { Verification } from "../signing/signature";
import { textTable } from "../support/text-table";
import type { CommandContext } from "./command-context";
import { showMirror } from "./mirror-progress";
import { tellOfNoAnswer } from "./no-answer";
import { registries } from "./registries";
import { EXIT } from "./terminal";

/** Reads everything that a fleet mirrors again from its target. */
export async function verifyMirrored(
  { terminal, finish }: CommandContext,
  path: string,
  { json }: { json?: true },
): Promise<void> {
  const loaded = readFleet(path, terminal.environment);
  const { target } = loaded.fleet.registry;
  const plan = planFleetMirror(loaded);
  const keys = [readTrustedKey(loaded)];
  const { registry } = parseTarget(target);
  const display = await showMirror(terminal, plan.images.length);
  const client = registries(terminal.environment, target, (text) => display.say(text))(registry);
  const { images } = await verifyMirror(plan, client, keys, (progress) =>
    display.update(progress),
  ).finally(() => display.close());
  const chart = { name: "chart services", ...(await verifyChart(target, client, keys)) };
  const all = [...images, chart];
  const verified = all.every(({ verification }) => verification.verified);
  terminal.out(
    json
      ? `${JSON.stringify({ verified, images, chart }, null, 2)}\n`
      : `${textTable(
          ["image", "digest", "result"],
          all.map(({ name, digest, verification }) => [name, digest, words(verification)]),
        )}\n`,
  );
  tellOfNoAnswer(terminal, images, registry);
  if (!verified) finish(EXIT.failed);
}

function words(verification: Verification): string {
  return verification.verified ? "whole and signed" : verification.reason;
}

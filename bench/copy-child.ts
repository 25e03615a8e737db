import { registries } from "../lib/cli/registries";
import { applyMirror } from "../lib/registry/mirror/apply";
import { parseTarget } from "../lib/registry/mirror/plan";
import type { MirrorPlan } from "../lib/registry/mirror/plan";
import { failedImages } from "../lib/registry/mirror/state";
import { systemClock } from "../lib/support/clock";

/** Copies the plan on standard input without signing, which is all that other tools' `copy` does. */
async function copy(): Promise<void> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += String(chunk);
  const plan = JSON.parse(text) as MirrorPlan;
  const clientOf = registries(process.env, plan.target);
  const { state } = await applyMirror(plan, {
    sourceOf: clientOf,
    target: clientOf(parseTarget(plan.target).registry),
    clock: systemClock,
  });
  const [failed] = failedImages(state);
  if (failed !== undefined) throw new Error(`${failed.name}: ${failed.cause}`);
}

void copy();

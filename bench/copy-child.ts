import { applyMirror } from "../lib/registry/mirror/apply";
import { HttpRegistry } from "../lib/registry/http/http-registry";
import { parseTarget } from "../lib/registry/mirror/plan";
import type { MirrorPlan } from "../lib/registry/mirror/plan";
import { failedImages } from "../lib/registry/mirror/state";
import { systemClock } from "../lib/support/clock";

/** Copies the plan on standard input without signing, which is all that other tools' `copy` does. */
async function copy(): Promise<void> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += String(chunk);
  const plan = JSON.parse(text) as MirrorPlan;
  const clients = new Map<string, HttpRegistry>();
  const clientOf = (registry: string) => {
    const client = clients.get(registry) ?? new HttpRegistry({ registry });
    clients.set(registry, client);
    return client;
  };
  const { state } = await applyMirror(plan, {
    sourceOf: clientOf,
    target: clientOf(parseTarget(plan.target).registry),
    clock: systemClock,
  });
  const [failed] = failedImages(state);
  if (failed !== undefined) throw new Error(`${failed.name}: ${failed.cause}`);
}

void copy();

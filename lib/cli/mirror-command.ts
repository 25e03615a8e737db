import type { Command } from "commander";
import type { CommandContext } from "./command-context";
import { withServers } from "./expected-failure";
import { applyOption, fleetArgument, jsonOption } from "./fleet-option";
import { planOption } from "./plan-option";
import type { PlanOption } from "./plan-option";

/** `atom mirror` */
export function addMirrorCommand(program: Command, context: CommandContext): void {
  const mirror = program
    .command("mirror")
    .summary("copy the fleet's images into your registry, signed and verified")
    .description(
      "Resolves each image's tag to a digest once, copies by digest with the upstream's signatures, " +
        "adds your own cosign signature and reads everything again from the target. " +
        "ATOM_REGISTRY_USERNAME and ATOM_REGISTRY_PASSWORD sign in at the target.",
    )
    .addHelpText("after", EXAMPLES);
  addLock(mirror, context);
  addPlan(mirror, context);
  addSync(mirror, context);
  addVerify(mirror, context);
}

const EXAMPLES = `
In this order:
  $ atom mirror lock --apply      resolve tags to digests; commit atom.lock.json
  $ atom mirror plan              see what goes where
  $ atom mirror sync --apply      copy, sign and verify images and chart
  $ atom mirror verify            believe nothing that was recorded, look again`;

function addLock(mirror: Command, context: CommandContext): void {
  mirror
    .command("lock")
    .summary("resolve every image's tag to a digest")
    .description(
      "Asks the images' registries what their tags stand for and shows what changes. With --apply it " +
        "writes atom.lock.json beside the fleet file. A tag that has moved since it was locked is an error.",
    )
    .addArgument(fleetArgument())
    .option("--update", "resolve every tag anew, and follow those that have moved")
    .addOption(applyOption())
    .addOption(jsonOption())
    .action((fleet: string, options: { update?: true; apply?: true; json?: true }) =>
      withServers(context, async () => {
        const { lockMirror } = await import("./mirror-lock.js");
        await lockMirror(context, fleet, options);
      }),
    );
}

function addPlan(mirror: Command, context: CommandContext): void {
  mirror
    .command("plan")
    .summary("show what is copied where")
    .description(
      "Plans from atom.lock.json and asks no registry. The JSON is what `atom mirror sync --plan -` takes.",
    )
    .addArgument(fleetArgument())
    .addOption(jsonOption())
    .action(async (fleet: string, options: { json?: true }) => {
      const { showMirrorPlan } = await import("./mirror-plan.js");
      showMirrorPlan(context, fleet, options);
    });
}

function addSync(mirror: Command, context: CommandContext): void {
  mirror
    .command("sync")
    .summary("copy, sign and verify the images and the chart")
    .description(
      "Copies what the plan says, signs it with the key at COSIGN_KEY_PATH (password in COSIGN_PASSWORD) " +
        "and verifies it at the target. Writes mirror_state.json and atom.signatures.json beside the fleet " +
        "file, or in the working directory with --plan. An image that fails is named with its digest and " +
        "cause, the rest goes on, and the run exits 1.",
    )
    .addArgument(fleetArgument())
    .addOption(planOption("a mirror plan"))
    .addOption(applyOption())
    .action((fleet: string, options: PlanOption & { apply?: true }) =>
      withServers(context, async () => {
        const { syncMirror } = await import("./mirror-sync.js");
        await syncMirror(context, fleet, options);
      }),
    );
}

function addVerify(mirror: Command, context: CommandContext): void {
  mirror
    .command("verify")
    .summary("read the images again from your registry and check their signatures")
    .description(
      "Reads every byte of every image, checks digests and tags, and that the fleet's public key signed " +
        "images and chart for this very registry. Exits 1 if anything is missing, changed or not signed.",
    )
    .addArgument(fleetArgument())
    .addOption(jsonOption())
    .action((fleet: string, options: { json?: true }) =>
      withServers(context, async () => {
        const { verifyMirrored } = await import("./mirror-verify.js");
        await verifyMirrored(context, fleet, options);
      }),
    );
}

import type { Command } from "commander";
import { UsageError } from "../support/problem";
import type { CommandContext } from "./command-context";
import { withServers } from "./expected-failure";
import { applyOption, fleetArgument, jsonOption } from "./fleet-option";
import { planOption } from "./plan-option";
import type { GcVerbOptions } from "./mirror-gc";
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
  addSave(mirror, context);
  addLoad(mirror, context);
  addGc(mirror, context);
}

const EXAMPLES = `
In this order:
  $ atom mirror lock --apply      resolve tags to digests; commit atom.lock.json
  $ atom mirror plan              see what goes where
  $ atom mirror sync --apply      copy, sign and verify images and chart
  $ atom mirror verify            believe nothing that was recorded, look again

For a site without a network, the same in two halves:
  $ atom mirror save --to images.tar --apply     where the sources can be reached
  $ atom mirror load --from images.tar --apply   where the mirror is, with its own key

What nothing needs any more:
  $ atom mirror gc --context prod-eu --keep old/atom.lock.json     see what would go
  $ atom mirror gc --context prod-eu --keep old/atom.lock.json --apply`;

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
        "file, or in the working directory with --plan. An image that is on record as whole, and whose tag " +
        "still stands for it, is not read again. An image that fails is named with its digest and cause, " +
        "the rest goes on, and the run exits 1.",
    )
    .addArgument(fleetArgument())
    .addOption(planOption("a mirror plan"))
    .addOption(applyOption())
    .option("--full", "ask for every image again, also those on record as whole and signed")
    .action((fleet: string, options: PlanOption & { apply?: true; full?: true }, verb: Command) =>
      withServers(context, async () => {
        // The plan says all that the fleet would.
        if (options.plan !== undefined) refuseFleet(verb.args);
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

function addSave(mirror: Command, context: CommandContext): void {
  mirror
    .command("save")
    .summary("save the images into one file, for a site without a network")
    .description(
      "Reads every locked image with all its signatures, attestations and other referrers, and writes " +
        "one tar file that is an OCI image layout: each image is in it under its source's full name, and the " +
        "same images give the same bytes. All or nothing: an image that cannot be read leaves no file.",
    )
    .addArgument(fleetArgument())
    .requiredOption("--to <file>", "the tar file to write")
    .option("--from-target", "read from your registry instead of the images' sources")
    .addOption(applyOption())
    .action((fleet: string, options: { to: string; fromTarget?: true; apply?: true }) =>
      withServers(context, async () => {
        const { saveMirror } = await import("./mirror-save.js");
        await saveMirror(context, fleet, options);
      }),
    );
}

function addLoad(mirror: Command, context: CommandContext): void {
  mirror
    .command("load")
    .summary("copy, sign and verify the images from a file that save wrote")
    .description(
      "Verifies every byte of the file, then does what sync does, with the file in the place of the images' " +
        "sources: the same lock, key, state and signatures. Nothing is unpacked. Without --apply it says " +
        "whether the file is sound and has every image of the lock.",
    )
    .addArgument(fleetArgument())
    .requiredOption("--from <path>", "the tar file, or the folder that it was unpacked into")
    .addOption(applyOption())
    .option("--full", "ask for every image again, also those on record as whole and signed")
    .action((fleet: string, options: { from: string; apply?: true; full?: true }) =>
      withServers(context, async () => {
        const { loadMirror } = await import("./mirror-load.js");
        await loadMirror(context, fleet, options);
      }),
    );
}

function addGc(mirror: Command, context: CommandContext): void {
  mirror
    .command("gc")
    .summary("delete what of your registry nothing needs any more")
    .description(
      "Looks through the repositories that this mirror made, as lock and mirror_state.json have them, and " +
        "shows what neither the lock, nor a kept file, nor a cluster names. An image that is used stays with " +
        "all below it and all that is attached to it. With --apply it deletes exactly that, looks at every " +
        "tag again before each deletion and stops at the first surprise; the registry's own garbage " +
        "collection then frees the space. Manifests without a tag cannot be found through a registry's API.",
    )
    .addArgument(fleetArgument())
    .option(
      "--keep <path>",
      "a file that says what is used, or a folder of them; repeatable",
      add,
      [],
    )
    .option(
      "--context <name>",
      "a kube context whose workloads say what is used; repeatable",
      add,
      [],
    )
    .addOption(planOption("what to delete"))
    .addOption(applyOption())
    .addOption(jsonOption())
    .action((fleet: string, options: GcVerbOptions) =>
      withServers(context, async () => {
        const { collectMirror } = await import("./mirror-gc.js");
        await collectMirror(context, fleet, options);
      }),
    );
}

function refuseFleet([fleet]: readonly string[]): void {
  if (fleet === undefined) return;
  const problem = {
    path: fleet,
    message: "is not read with --plan",
    mend: "leave one of them out",
  };
  throw new UsageError("arguments", [problem]);
}

function add(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}

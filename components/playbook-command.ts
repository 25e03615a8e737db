import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { PlaybookRun } from "../lib/support/playbook-run";

/**
 * One run of a playbook through `atom playbook`, which finds the files on the machine that it runs
 * on: the preview is the same everywhere. It runs again only when its plan changes.
 */
export function createPlaybookRun(
  name: string,
  run: PlaybookRun,
  options: pulumi.CustomResourceOptions,
): command.local.Command {
  return new command.local.Command(
    name,
    {
      create: "npx --no-install atom playbook --plan -",
      stdin: JSON.stringify({ playbook: run.playbook, argv: run.argv, planHash: run.planHash }),
      triggers: [run.planHash],
      // What a playbook prints may hold host variables.
      logging: command.local.Logging.None,
    },
    options,
  );
}

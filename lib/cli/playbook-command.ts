import type { Command } from "commander";
import type { CommandContext } from "./command-context";
import { planOption } from "./plan-option";
import type { PlaybookConsent } from "./playbook-request";

/** `atom playbook` */
export function addPlaybookCommand(program: Command, context: CommandContext): void {
  program
    .command("playbook")
    .summary("run one of this package's Ansible playbooks, as a dry run unless confirmed")
    .description(
      "Reads a planned run (playbook, argv, planHash) on standard input, checks that it is nothing but " +
        "that, and starts ansible-playbook without a shell. It runs with --check --diff. To change " +
        "machines, type --apply and the hash of the plan that you have looked at. The exit code is " +
        "ansible-playbook's.",
    )
    .addOption(planOption("a planned run").makeOptionMandatory())
    .option("--apply", "change the machines; needs --confirm")
    .option("--confirm <planHash>", "hash of the plan that is to be applied")
    .addHelpText("after", EXAMPLES)
    .action(async (options: PlaybookConsent) => {
      const { runPlaybook } = await import("./playbook-run.js");
      await runPlaybook(context, options);
    });
}

const EXAMPLES = `
Examples:
  $ atom playbook --plan - < plan.json
  $ atom playbook --plan - --apply --confirm sha256:4f1d… < plan.json`;

import type { Command } from "commander";
import { Option } from "commander";
import { ADMISSION_ACTIONS } from "../policy/admission/export";
import type { AdmissionOptions } from "./audit-admission";
import type { CommandContext } from "./command-context";

/** `atom audit admission` */
export function addAdmissionCommand(audit: Command, context: CommandContext): void {
  audit
    .command("admission")
    .summary("print the rules as policies that the API server enforces")
    .description(
      "Prints a ValidatingAdmissionPolicy and its binding for each rule that one object alone decides, in whole " +
        "or in part, for every namespace with a tenant's label. docs/admission.md says which rules these are, and " +
        "what is left to the audit. It needs no cluster; the policies need Kubernetes 1.31 or newer.",
    )
    .addOption(
      new Option("--action <action...>", "what the API server does where an object breaks a rule")
        .choices(ADMISSION_ACTIONS)
        .default(["Deny"]),
    )
    .option("--rule <id...>", "only these rules")
    .addHelpText("after", EXAMPLES)
    .action(async (options: AdmissionOptions) => {
      const { printAdmission } = await import("./audit-admission.js");
      printAdmission(context, options);
    });
}

const EXAMPLES = `
Examples:
  $ atom audit admission --action Warn Audit | kubectl apply -f -
  $ atom audit admission --rule P1-POD-3 P1-RBAC-3`;

import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { UsageError } from "../lib/support/problem";
import { platformStack } from "./platform";
import { readStackInputs } from "./read-stack-inputs";
import { parseStackName } from "./stack-name";
import { tenantStack } from "./tenant";

/** The program that Pulumi runs: the stack's name says what it is to make. */
export = function main(): object {
  try {
    const target = parseStackName(pulumi.getStack());
    // The engine runs a program in the program's own folder; paths are meant from Pulumi.yaml's.
    const fleetPath = resolve(
      pulumi.getRootDirectory(),
      new pulumi.Config("atom").get("fleet") ?? "atom.yaml",
    );
    const inputs = readStackInputs(fleetPath, process.env);
    return target.kind === "platform"
      ? platformStack(inputs, target.region)
      : tenantStack(inputs, target.tenant, target.region);
  } catch (error) {
    if (error instanceof UsageError) throw new pulumi.RunError(error.message);
    throw error;
  }
};

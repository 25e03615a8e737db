/**
 * The fleet file's stacks as plain functions, for programs that drive Pulumi themselves through the
 * Automation API.
 *
 * ```ts
 * const inputs = readStackInputs("atom.yaml", process.env);
 * const stack = await automation.LocalWorkspace.createOrSelectStack({
 *   projectName: "atom",
 *   stackName: stackName({ kind: "platform", region: "eu-west" }),
 *   program: async () => platformStack(inputs, "eu-west"),
 * });
 * ```
 *
 * A tenant's stack reads its region's platform from the same project, by its stack's name.
 */
export { platformStack } from "./stacks/platform";
export type { PlatformOutputs } from "./stacks/platform";
export { readStackInputs } from "./stacks/read-stack-inputs";
export type { StackInputs } from "./stacks/stack-inputs";
export { stackName } from "./stacks/stack-name";
export type { StackTarget } from "./stacks/stack-name";
export { tenantStack } from "./stacks/tenant";

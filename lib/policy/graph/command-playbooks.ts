import { listOf } from "../reading/shape";
import { holdsUnknown, UNKNOWN } from "../reading/unknown";
import type { PlaybookNode, Scope } from "./graph";
import type { StackResource } from "./stack-resource";

/** Pulumi's resources that run a command line. */
const COMMANDS = ["command:local:Command", "command:remote:Command"];
/** Where such a resource says what it runs. */
const LINES = ["create", "update", "delete"];
const PROGRAM = /(^|[/=])ansible-playbook$/;

/**
 * The playbooks that a command runs by itself, past `atom playbook` and what that asks for. Nobody
 * has read their plays. A command line that is not known yet may run one, too; what a command is
 * given in its environment or on standard input may well be unknown.
 *
 * A playbook that another program starts, such as a script or make, is not seen.
 */
export function playbooksOfCommand(
  { type, name, inputs }: StackResource,
  scope: Scope,
): PlaybookNode[] {
  if (!COMMANDS.includes(type)) return [];
  const runs = LINES.filter((line) => inputs[line] !== undefined).flatMap((line) =>
    playbookRuns([...listOf(inputs["interpreter"]), inputs[line]]),
  );
  return runs.map(
    (argv) =>
      ({
        id: `command ${name}`,
        scope,
        argv,
        planHash: "",
        document: UNKNOWN,
      }) as unknown as PlaybookNode,
  );
}

/** The arguments of each call of `ansible-playbook`; what cannot be known is one call. */
function playbookRuns(line: readonly unknown[]): unknown[] {
  if (holdsUnknown(line)) return [UNKNOWN];
  return simpleCommands(line.join(" ")).flatMap((words) => {
    const start = words.findIndex((word) => PROGRAM.test(word));
    return start < 0 ? [] : [words.slice(start)];
  });
}

/**
 * The words of each simple command in a shell's text. Quotes only part words here: what is read too
 * finely lacks `--check`, and fails.
 */
function simpleCommands(text: string): string[][] {
  return text
    .replace(/\\\r?\n/g, " ")
    .split(/[;&|\n()`]/)
    .map((command) => command.split(/[\s"']+/).filter((word) => word !== ""));
}

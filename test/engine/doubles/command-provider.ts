/**
 * A DOUBLE of `pulumi-resource-command`, for the type `command:local:Command`. It runs real commands,
 * when and as the genuine provider does (pulumi/pulumi-command, provider/pkg/provider/local).
 *
 * It does not prove that the genuine provider is to be had or works with an engine's release. It
 * collects no assets or archives, knows neither remote commands nor `local.run`, and ends a command
 * that is cancelled with all that it started, where the genuine one kills the first process only.
 */
import { randomBytes } from "node:crypto";
import { logStatus } from "./engine-log";
import { differences, textIn, UNKNOWN } from "./property-values";
import type { Properties, Value } from "./property-values";
import { serveProvider } from "./resource-provider";
import type { Place, ResourceKind, State } from "./resource-provider";
import { killCommands, runCommand } from "./run-command";
import type { LineLog } from "./run-command";

const INPUTS = [
  "addPreviousOutputInEnv",
  "create",
  "delete",
  "dir",
  "environment",
  "interpreter",
  "logging",
  "stdin",
  "triggers",
  "update",
];

const localCommand: ResourceKind = {
  check(inputs) {
    const unknown = Object.keys(inputs).filter((name) => !INPUTS.includes(name));
    return {
      inputs: { addPreviousOutputInEnv: true, ...inputs },
      problems: unknown.map((property) => ({
        property,
        reason: `this DOUBLE knows ${INPUTS.join(", ")}`,
      })),
    };
  },

  changes: (state, inputs) =>
    INPUTS.flatMap((name) => differences(state[name], inputs[name], name)).map((change) => ({
      ...change,
      replaces: /^triggers\b/.test(change.path),
    })),

  preview(inputs, state) {
    const isStale = state === undefined || localCommand.changes(state, inputs).length > 0;
    const output = (name: string): Value | undefined => (isStale ? UNKNOWN : state[name]);
    return { ...inputs, stdout: output("stdout"), stderr: output("stderr") };
  },

  async create(inputs, place) {
    const state = await stateAfter(textIn(inputs, "create"), inputs, {}, place);
    return { id: `${place.name}${randomBytes(4).toString("hex")}`, state };
  },

  // There is nothing outside that could have changed.
  read: (_id, recorded) => Promise.resolve(recorded),

  update: (_id, state, inputs, place) =>
    stateAfter(textIn(inputs, "update") ?? textIn(inputs, "create"), inputs, state, place),

  async delete(_id, state, place) {
    await stateAfter(textIn(state, "delete"), state, state, place);
  },
};

/** Runs a command, if there is one, with the outputs of the run before it in its environment. */
async function stateAfter(
  command: string | undefined,
  inputs: Properties,
  previous: Properties,
  place: Place,
): Promise<State> {
  const before = {
    stdout: textIn(previous, "stdout") ?? "",
    stderr: textIn(previous, "stderr") ?? "",
  };
  if (command === undefined) return { ...inputs, ...before };
  const { log, written } = loggers(textIn(inputs, "logging"), place);
  try {
    const outputs = await runCommand({
      command,
      interpreter: (inputs["interpreter"] ?? ["/bin/sh", "-c"]) as string[],
      folder: textIn(inputs, "dir"),
      environment: {
        ...(inputs["environment"] as Record<string, string> | undefined),
        ...(inputs["addPreviousOutputInEnv"] === false ? {} : previousOutputs(before)),
      },
      stdin: textIn(inputs, "stdin") ?? "",
      log,
    });
    return { ...inputs, ...outputs };
  } finally {
    await Promise.all(written);
  }
}

function previousOutputs(before: { stdout: string; stderr: string }): Record<string, string> {
  return {
    ...(before.stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: before.stdout }),
    ...(before.stderr === "" ? {} : { PULUMI_COMMAND_STDERR: before.stderr }),
  };
}

/** @param logging `stdout`, `stderr`, `none` or, by default, `stdoutAndStderr` */
function loggers(logging = "stdoutAndStderr", { urn }: Place) {
  const written: Promise<void>[] = [];
  const write: LineLog = (line) => void written.push(logStatus(urn, line));
  const log = {
    ...(["stdout", "stdoutAndStderr"].includes(logging) ? { stdout: write } : {}),
    ...(["stderr", "stdoutAndStderr"].includes(logging) ? { stderr: write } : {}),
  };
  return { log, written };
}

void serveProvider({ kinds: { "command:local:Command": localCommand }, cancel: killCommands });

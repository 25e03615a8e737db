import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../lib/cli/run";
import { RecordingTerminal } from "../doubles/recording-terminal";
import { tempFolder } from "../doubles/temp-folder";
import { atom, smallFleet, writeFleet } from "./atom";

/** What writes to a registry, a Vault or a cluster, with what else it has to be given. */
const REAL: readonly (readonly [command: string, ...more: string[]])[] = [
  ["mirror sync --apply"],
  ["mirror load --apply", "--from", "images.tar"],
  ["mirror gc --apply"],
  ["vault sync --apply"],
  ["playbook --apply", "--plan", "-"],
  ["serve --sync-mirror"],
];
/** What writes files on this machine, and nothing else. */
const LOCAL = ["mirror lock --apply", "mirror save --apply", "join token --apply"];

describe("SIMULATION_MODE", () => {
  test.each(REAL)("refuses atom %s before anything is read", async (command, ...more) => {
    const environment = { SIMULATION_MODE: "true" };
    expect(await atom([...command.split(" "), ...more], { environment })).toEqual({
      code: 2,
      out: "",
      error:
        `Invalid environment:\n - SIMULATION_MODE: asks for a simulation, and atom ${command} ` +
        "writes for real; nothing was written; unset SIMULATION_MODE to write\n",
    });
  });

  test.each(["false", "0", ""])("set to '%s' refuses nothing", async (mode) => {
    const argv = ["mirror", "sync", "nowhere.yaml", "--apply"];
    const { error } = await atom(argv, { environment: { SIMULATION_MODE: mode } });
    expect(error).toBe("Invalid fleet file nowhere.yaml:\n - there is no such file\n");
  });

  test("lets a plan be shown", async () => {
    const fleet = writeFleet(tempFolder(), smallFleet());
    const { code } = await atom(["join", "plan", fleet], {
      environment: { SIMULATION_MODE: "true" },
    });
    expect(code).toBe(0);
  });

  test("is decided on for every verb that writes", () => {
    const program = createProgram({
      terminal: new RecordingTerminal(),
      signal: new AbortController().signal,
      finish: () => undefined,
    });
    const decided = [...REAL.map(([command]) => command), ...LOCAL];
    expect(writingCommands(program).sort()).toEqual(decided.sort());
  });
});

function writingCommands(command: Command, path: readonly string[] = []): string[] {
  const own = command.options
    .map(({ long }) => long)
    .filter((long) => long === "--apply" || long === "--sync-mirror")
    .map((long) => [...path, long].join(" "));
  const below = command.commands.flatMap((verb) => writingCommands(verb, [...path, verb.name()]));
  return [...own, ...below];
}

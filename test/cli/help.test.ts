import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../lib/cli/run";
import { RecordingTerminal } from "../doubles/recording-terminal";
import { atom } from "./atom";

const program = createProgram({
  terminal: new RecordingTerminal(),
  signal: new AbortController().signal,
  finish: () => undefined,
});

function verbsOf(command: Command, path: readonly string[] = []): string[][] {
  return command.commands
    .filter((verb) => verb.name() !== "help")
    .flatMap((verb) => {
      const own = [...path, verb.name()];
      return [own, ...verbsOf(verb, own)];
    });
}

const verbs = verbsOf(program).map((words) => words.join(" "));

test("the program has these verbs", () => {
  expect(verbs.sort()).toEqual([
    "audit",
    "audit admission",
    "audit role",
    "chart",
    "chart diff",
    "chart package",
    "chart render",
    "chart values",
    "chart verify",
    "check",
    "join",
    "join plan",
    "join token",
    "key",
    "key generate",
    "mirror",
    "mirror gc",
    "mirror load",
    "mirror lock",
    "mirror plan",
    "mirror save",
    "mirror sync",
    "mirror verify",
    "playbook",
    "schema",
    "serve",
    "simulate",
    "vault",
    "vault plan",
    "vault sync",
  ]);
});

describe.each(verbs)("atom %s --help", (verb) => {
  test("says what it is for, on standard output", async () => {
    const { code, out, error } = await atom([...verb.split(" "), "--help"]);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toContain(`Usage: atom ${verb}`);
    const description = out.split("\n\n")[1] ?? "";
    expect(description.length).toBeGreaterThan(30);
  });

  test("has a summary for the list of verbs", () => {
    const found = verb
      .split(" ")
      .reduce((at, word) => at.commands.find((each) => each.name() === word)!, program);
    expect(found.summary()).not.toBe("");
  });
});

test.each([
  [["mirrot"], "mirror"],
  [["mirror", "synk"], "sync"],
  [["chart", "rendr"], "render"],
  [["join", "tokn"], "token"],
  [["audit", "x.yaml", "--jsn"], "--json"],
])("fails for the typo %j and says '%s'", async (argv, meant) => {
  const { code, out, error } = await atom(argv);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(error).toContain(`Did you mean ${meant}?`);
});

test("fails without a verb's own verb, and prints its help", async () => {
  const { code, error } = await atom(["mirror"]);
  expect(code).toBe(2);
  expect(error).toContain("Usage: atom mirror");
});

test("fails for a fleet file that is not there, without a stack trace", async () => {
  const { code, error } = await atom(["mirror", "plan", "no-such-fleet.yaml"]);
  expect(code).toBe(2);
  expect(error).toBe("Invalid fleet file no-such-fleet.yaml:\n - there is no such file\n");
});

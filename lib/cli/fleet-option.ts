import { Argument, Option } from "commander";

/** The fleet file as an argument. */
export function fleetArgument(): Argument {
  return new Argument("[fleet]", "the fleet file").default("atom.yaml");
}

/** The fleet file where a verb takes other arguments. */
export function fleetOption(): Option {
  return new Option("-f, --fleet <file>", "the fleet file").default("atom.yaml");
}

/** Machine-readable output. */
export function jsonOption(): Option {
  return new Option("--json", "print JSON, for programs");
}

/** Without it a verb that writes only says what it would do. */
export function applyOption(): Option {
  return new Option("--apply", "do it; without this the plan is printed and nothing is written");
}

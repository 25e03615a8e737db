import type { Command } from "commander";
import { fleetJsonSchema } from "../fleet/json-schema";
import type { CommandContext } from "./command-context";

/** `atom schema` */
export function addSchemaCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command("schema")
    .summary("print the JSON Schema of the fleet file")
    .description(
      "Prints the JSON Schema (draft 2020-12) of atom.yaml. Editors complete and check the file with it: " +
        "put `# yaml-language-server: $schema=atom.schema.json` in the file's first line.",
    )
    .action(() => terminal.out(`${JSON.stringify(fleetJsonSchema(), null, 2)}\n`));
}

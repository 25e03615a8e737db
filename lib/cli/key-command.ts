import type { Command } from "commander";
import type { CommandContext } from "./command-context";

/** `atom key` */
export function addKeyCommand(program: Command, context: CommandContext): void {
  const key = program
    .command("key")
    .summary("make the key pair that signs images, charts and secrets")
    .description("Key files as cosign makes and reads them.");
  key
    .command("generate")
    .summary("make a key pair in two files")
    .description(
      "Writes cosign.key, encrypted with a password, and cosign.pub: ECDSA P-256, in the files of " +
        "`cosign generate-key-pair`. The password is COSIGN_PASSWORD, which may be empty, or is typed twice " +
        "at the terminal. A file that is there already is left as it is.",
    )
    .option("--output-key-prefix <prefix>", "path of the two files without .key and .pub", "cosign")
    .addHelpText("after", EXAMPLES)
    .action(async (options: { outputKeyPrefix: string }) => {
      const { generateKey } = await import("./key-generate.js");
      await generateKey(context, options);
    });
}

const EXAMPLES = `
Examples:
  $ atom key generate && export COSIGN_KEY_PATH=cosign.key
  $ atom key generate --output-key-prefix keys/next   the key that replaces one: trust both for a while,
                                                      with the two .pub files one after the other in one file`;

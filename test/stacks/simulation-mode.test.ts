import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeImageLock } from "../../lib/registry/mirror/lock-file";
import { recordStack } from "../../lib/simulation/record-stack";
import { writeSignatureSet } from "../../lib/signing/signature-file";
import { platformStack } from "../../stacks/platform";
import { readStackInputs } from "../../stacks/read-stack-inputs";
import type { StackInputs } from "../../stacks/stack-inputs";
import { tenantStack } from "../../stacks/tenant";
import { tempFolder } from "../doubles/temp-folder";
import { EXAMPLE_FLEET, exampleInputs } from "../example-fleet";

test.each([
  ["true", true],
  ["0", false],
])("SIMULATION_MODE=%s is read with a stack's inputs", async (mode, simulated) => {
  const { images, signing } = await exampleInputs();
  const folder = tempFolder();
  const fleet = join(folder, "atom.yaml");
  copyFileSync(EXAMPLE_FLEET, fleet);
  writeImageLock(join(folder, "atom.lock.json"), images);
  writeSignatureSet(join(folder, "atom.signatures.json"), {
    version: 1,
    signatures: [...signing.signatures],
  });
  writeFileSync(join(folder, "cosign.pub"), signing.trustedKeys.join(""));
  expect(readStackInputs(fleet, { SIMULATION_MODE: mode })).toMatchObject({ images, simulated });
});

test("under SIMULATION_MODE a stack is previewed", async () => {
  const inputs = { ...(await exampleInputs()), simulated: true };
  const { resources } = await recordStack(() => ({ ...platformStack(inputs, "eu-west") }));
  expect(resources.length).toBeGreaterThan(0);
});

test.each<[kind: string, program: (inputs: StackInputs) => object]>([
  ["a platform", (inputs) => platformStack(inputs, "eu-west")],
  ["a tenant", (inputs) => tenantStack(inputs, "acme", "eu-west")],
])(
  "under SIMULATION_MODE an update of %s ends before it registers anything",
  async (_, program) => {
    const inputs = { ...(await exampleInputs()), simulated: true };
    const update = recordStack(() => ({ ...program(inputs) }), { preview: false });
    await expect(update).rejects.toThrow(
      expect.objectContaining({
        message:
          "Invalid environment:\n - SIMULATION_MODE: asks for a simulation, and pulumi up writes for real; " +
          "nothing was written; unset SIMULATION_MODE to write",
        hideStack: true,
      }),
    );
  },
);

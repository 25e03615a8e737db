import { expect, test } from "vitest";
import { parse } from "yaml";
import { recordStack } from "../../lib/simulation/record-stack";
import { Secret } from "../../lib/support/secret";
import { platformStack } from "../../stacks/platform";
import { exampleInputs } from "../example-fleet";

test("the daemons' fleet does not say where the private key is on the machine that deploys", async () => {
  const inputs = await exampleInputs();
  const signing = { publicKey: "cosign.pub", privateKey: "keys/cosign.pem" };
  const { resources } = await recordStack(
    () => ({ ...platformStack({ ...inputs, fleet: { ...inputs.fleet, signing } }, "eu-west") }),
    {
      config: {
        "atom:vaultPrimaryToken": Secret.of("primary-token"),
        "atom:vaultSecondaryToken": Secret.of("secondary-token"),
      },
    },
  );
  const config = resources.find(({ name }) => name === "daemons-atom-fleet");
  const { data } = config?.inputs as { data: Record<string, string> };
  expect(parse(data["atom.yaml"] ?? "")).toEqual({
    ...inputs.fleet,
    signing: { publicKey: "cosign.pub" },
  });
});

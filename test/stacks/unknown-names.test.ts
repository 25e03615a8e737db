import { expect, test } from "vitest";
import { platformStack } from "../../stacks/platform";
import type { StackInputs } from "../../stacks/stack-inputs";
import { tenantStack } from "../../stacks/tenant";
import { exampleInputs } from "../example-fleet";

test.each<[what: string, program: (inputs: StackInputs) => object, message: string]>([
  [
    "a platform's region",
    (inputs) => platformStack(inputs, "eu-wst"),
    "region: 'eu-wst' is not in the fleet file, which has: eu-west, us-east",
  ],
  [
    "a tenant's region",
    (inputs) => tenantStack(inputs, "acme", "eu-wst"),
    "region: 'eu-wst' is not in the fleet file, which has: eu-west, us-east",
  ],
  [
    "a tenant",
    (inputs) => tenantStack(inputs, "initech", "eu-west"),
    "tenant in eu-west: 'initech' is not in the fleet file, which has: acme, globex",
  ],
])(
  "fails for %s that the fleet does not have, with an error that Pulumi prints without a stack",
  async (_, program, message) => {
    const inputs = await exampleInputs();
    expect(() => program(inputs)).toThrow(
      expect.objectContaining({ message: `Invalid stack:\n - ${message}`, hideStack: true }),
    );
  },
);

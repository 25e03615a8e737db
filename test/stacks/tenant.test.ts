import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { deployedOutput } from "../../stacks/tenant";

test("a tenant's stack before its platform's fails without a stack trace, and says what comes first", () => {
  let error: unknown;
  try {
    deployedOutput("platform.eu-west", undefined);
  } catch (thrown) {
    error = thrown;
  }
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).toBe(
    "the stack platform.eu-west has not been deployed, and its tenants stand on it; " +
      "deploy it first: pulumi up --stack platform.eu-west",
  );
  expect(deployedOutput("platform.eu-west", "kubernetes/eu-prod")).toBe("kubernetes/eu-prod");
});

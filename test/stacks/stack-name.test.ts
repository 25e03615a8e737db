import fc from "fast-check";
import { expect, test } from "vitest";
import { nameProblem } from "../../lib/kubernetes/names";
import { parseStackName, stackName } from "../../stacks/stack-name";

const name = fc
  .stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/)
  .filter((text) => nameProblem(text) === undefined);

test("a target's name reads back as the same target", () => {
  const target = fc.oneof(
    fc.record({ kind: fc.constant("platform" as const), region: name }),
    fc.record({ kind: fc.constant("tenant" as const), tenant: name, region: name }),
  );
  fc.assert(
    fc.property(target, (given) => {
      expect(parseStackName(stackName(given))).toEqual(given);
    }),
  );
});

test.each([
  "",
  "dev",
  "platform",
  "platform.",
  "tenant.acme",
  "tenant..eu",
  "tenant.a.b.c",
  "platform.a.b",
])("fails for the stack name '%s' with the form that it should have", (text) => {
  expect(() => parseStackName(text)).toThrow("name it platform.<region> or tenant.<name>.<region>");
});

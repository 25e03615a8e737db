import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { Secret } from "../../lib/support/secret";
import { previewedGraph, recordedGraph } from "../engine/parity/stack-graph";
import type { PreviewedResource } from "../engine/parity/stack-graph";

const STACK = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s";
const PAIR = "urn:pulumi:s::p::test:index:Pair::pair";
const SYNC = "urn:pulumi:s::p::test:index:Pair$command:local:Command::pair::sync";
const VAULT = "urn:pulumi:s::p::pulumi:providers:vault::vault";
const UNKNOWN_ID = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const step = (newState: PreviewedResource) => ({ op: "create", newState });

describe("the graphs of a recording and of the preview that the engine prints", () => {
  test("are equal in all that both can tell", () => {
    const recorded = recordedGraph([
      {
        type: "test:index:Pair",
        name: "pair",
        urn: PAIR,
        inputs: {},
        dependencies: [],
        protect: false,
      },
      {
        type: "command:local:Command",
        name: "pair::sync",
        urn: SYNC,
        parent: PAIR,
        provider: VAULT,
        inputs: { stdin: Secret.of("hidden-value"), triggers: [UNKNOWN, "one"] },
        dependencies: [VAULT, PAIR],
        protect: true,
      },
    ]);
    const previewed = previewedGraph({
      steps: [
        step({ type: "pulumi:pulumi:Stack", urn: STACK }),
        step({
          type: "command:local:Command",
          urn: SYNC,
          parent: PAIR,
          provider: `${VAULT}::${UNKNOWN_ID}`,
          inputs: {
            addPreviousOutputInEnv: true,
            stdin: "[secret]",
            triggers: [UNKNOWN_ID, "one"],
          },
          dependencies: [PAIR, VAULT, PAIR],
          protect: true,
        }),
        step({
          type: "test:index:Pair",
          urn: PAIR,
          parent: STACK,
          provider: `urn:pulumi:s::p::pulumi:providers:test::default_1_2_1::${UNKNOWN_ID}`,
        }),
        { op: "delete" },
      ],
    });
    expect(previewed.size).toBe(2);
    expect(recorded).toEqual(previewed);
  });

  test("differ where a secret is not marked, and where a default is another", () => {
    const inputs = { addPreviousOutputInEnv: false, stdin: "hidden-value" };
    const command = { type: "command:local:Command", urn: SYNC };
    const previewed = previewedGraph({ steps: [step({ ...command, inputs })] });
    const recorded = recordedGraph([
      {
        ...command,
        name: "pair::sync",
        inputs: { stdin: Secret.of("hidden-value") },
        dependencies: [],
        protect: false,
      },
    ]);
    expect([previewed.get(SYNC)?.inputs, recorded.get(SYNC)?.inputs]).toEqual([
      inputs,
      { addPreviousOutputInEnv: true, stdin: "[secret]" },
    ]);
  });
});

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readFleet } from "../../lib/fleet/read-fleet";
import { recordFleet } from "../../lib/simulation/chart-step";
import type { RecordedStack } from "../../lib/simulation/record-stack";
import { Secret } from "../../lib/support/secret";
import { readStackInputs } from "../../stacks/read-stack-inputs";
import { engine } from "./engine";
import { graphDifference } from "./parity/graph-difference";
import { previewedGraph, recordedGraph } from "./parity/stack-graph";
import type { Preview, StackGraph } from "./parity/stack-graph";
import { PulumiStack } from "./project/pulumi";

const { project, environment } = engine();
const fleetPath = join(project, "atom.yaml");
const { fleet } = readFleet(fleetPath, environment);
/** Two empty graphs are equal too. */
const MOST_OF_A_STACK = 25;
/** Where a region's stacks have their Vault tokens from, and the configuration that says so. */
const TOKENS = {
  "of the environment": {},
  "of the configuration": {
    "atom:vaultPrimaryToken": Secret.of("any"),
    "atom:vaultSecondaryToken": Secret.of("any"),
  },
} as const;
type Tokens = keyof typeof TOKENS;
const CASES = fleet.regions.map(({ name }, index) => ({
  region: name,
  tokens: Object.keys(TOKENS)[index % 2] as Tokens,
}));

let recordings: Record<Tokens, readonly RecordedStack[]>;

beforeAll(async () => {
  // The SDKs take what a program leaves out from variables, KUBECONFIG and VAULT_* among them.
  for (const name of Object.keys({ ...process.env, ...environment })) {
    vi.stubEnv(name, environment[name]);
  }
  recordings = {
    "of the environment": await recorded("of the environment"),
    "of the configuration": await recorded("of the configuration"),
  };
});

afterAll(() => {
  vi.unstubAllEnvs();
});

describe.each(CASES)("in $region, with the Vault tokens $tokens", ({ region, tokens }) => {
  const platform = new PulumiStack(`platform.${region}`, project, environment);
  const tenants = fleet.tenants
    .filter(({ regions }) => regions.includes(region))
    .map(({ name }) => new PulumiStack(`tenant.${name}.${region}`, project, environment));

  beforeAll(async () => {
    for (const stack of [platform, ...tenants]) await stack.init(tokens);
  });

  afterAll(async () => {
    // Nothing is made of a tenant.
    for (const { name } of tenants) await platform.run(["stack", "rm", "--yes", "--stack", name]);
    await platform.discard();
  });

  test("the engine previews the platform's graph as it is recorded, while nothing is there", async () => {
    await expectParity(platform, tokens);
  });

  describe("once the platform is there", () => {
    beforeAll(async () => {
      const { code, stdout, stderr } = await platform.up({ policyPack: false });
      expect(code, `${stdout}\n${stderr}`).toBe(0);
    });

    test("the engine previews the platform's graph as it is recorded", async () => {
      await expectParity(platform, tokens);
    });

    // Without the platform the engine previews no tenant: the outputs it reads are not there.
    test.each(tenants)(
      "the engine previews the graph of $name as it is recorded",
      async (tenant) => {
        await expectParity(tenant, tokens);
      },
    );
  });
});

async function expectParity(stack: PulumiStack, tokens: Tokens): Promise<void> {
  const previewed = await previewOf(stack);
  const recording = recordings[tokens].find((recorded) => recorded.stack === stack.name)!;
  const graph = recordedGraph(recording.resources);
  const difference = graphDifference(previewed, graph);
  if (difference !== "") {
    throw new Error(`${stack.name}, previewed (-) and recorded (+):\n${difference}`);
  }
  expect(graph.size).toBeGreaterThan(MOST_OF_A_STACK);
}

async function recorded(tokens: Tokens): Promise<readonly RecordedStack[]> {
  const stacks: RecordedStack[] = [];
  const inputs = readStackInputs(fleetPath, environment);
  for await (const stack of recordFleet(inputs, TOKENS[tokens])) stacks.push(stack);
  return stacks;
}

async function previewOf(stack: PulumiStack): Promise<StackGraph> {
  const { code, stdout, stderr } = await stack.preview({
    policyPack: false,
    more: ["--json", "--show-sames"],
  });
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  return previewedGraph(JSON.parse(stdout) as Preview);
}

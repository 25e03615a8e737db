import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { StackResource } from "../../lib/policy/graph/stack-resource";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { Secret } from "../../lib/support/secret";
import type { EngineContext } from "../../test/engine/context";
import { PulumiStack } from "../../test/engine/project/pulumi";
import { recordProject } from "../../test/engine/project/record-project";
import { median } from "../figure";
import type { Figure } from "../figure";

const ROUNDS = 7;
const PLATFORM = "platform.eu-west";
const TENANT = "tenant.acme.eu-west";
/** Of whom one stack has some thousand resources. */
const MANY_TENANTS = 23;
const MANY_ROUNDS = 3;

/**
 * From command to finished preview of one tenant's stack, beside two other programs on the same
 * engine, in turns: an empty one, and one that registers the very same resources by the SDKs' own
 * classes and does nothing else. What the tenant's stack takes over the second is the library's share.
 * What the policy pack adds is measured on that program with the resources of many tenants.
 */
export async function measurePreview(context: EngineContext): Promise<Figure[]> {
  const { project, environment } = context;
  const platform = new PulumiStack(PLATFORM, project, environment);
  const tenant = new PulumiStack(TENANT, project, environment);
  try {
    await platform.init("of the environment");
    const deployed = await platform.up();
    if (deployed.code !== 0) throw new Error(`${deployed.stdout}\n${deployed.stderr}`);
    await tenant.init("of the environment");
    const empty = await program(context, "bench-empty", (folder) =>
      copyFileSync(join(__dirname, "empty-program.cjs"), join(folder, "index.js")),
    );
    const resources = await resourcesOf(context);
    const bare = await program(context, "bench-bare", (folder) => {
      copyFileSync(join(__dirname, "bare-program.cjs"), join(folder, "index.js"));
      writeFileSync(join(folder, "resources.json"), JSON.stringify(resources));
    });

    const many = await program(context, "bench-many", (folder) => {
      copyFileSync(join(__dirname, "bare-program.cjs"), join(folder, "index.js"));
      writeFileSync(join(folder, "resources.json"), JSON.stringify(ofManyTenants(resources)));
    });

    const times = { empty: [], bare: [], tenant: [], policed: [] } as Record<string, number[]>;
    for (let round = 0; round < ROUNDS; round += 1) {
      times["empty"]!.push(await timePreview(empty, false));
      times["bare"]!.push(await timePreview(bare, false));
      times["tenant"]!.push(await timePreview(tenant, false));
      times["policed"]!.push(await timePreview(tenant));
    }
    const pack = { without: [] as number[], with: [] as number[] };
    for (let round = 0; round < MANY_ROUNDS; round += 1) {
      pack.without.push(await timePreview(many, false));
      pack.with.push(
        await timePreview(many, join(project, "node_modules/atom-selfhost/policy-pack")),
      );
    }
    const of = (name: string) => median(times[name]!);
    // Paired in each round: what the machine does beside weighs on both.
    const share = median(
      times["tenant"]!.map((seconds, round) => seconds - times["bare"]![round]!),
    );
    return [
      { name: "an empty program", value: of("empty"), unit: "s" },
      {
        name: `the same ${resources.length} resources by the SDKs alone`,
        value: of("bare"),
        unit: "s",
      },
      { name: "the tenant's stack", value: of("tenant"), unit: "s" },
      {
        name: "the tenant's stack over an empty program",
        value: of("tenant") / of("empty"),
        unit: "x",
      },
      { name: "the library's own share", value: share, unit: "s", limit: 0.5 },
      { name: "the tenant's stack with the policy pack", value: of("policed"), unit: "s" },
      {
        name: `${resources.length * MANY_TENANTS} resources by the SDKs alone`,
        value: median(pack.without),
        unit: "s",
      },
      {
        name: "the same with the policy pack",
        value: median(pack.with.map((seconds, round) => seconds / pack.without[round]!)),
        unit: "x",
        limit: 1.1,
      },
    ];
  } finally {
    await tenant.discard();
    await platform.discard();
  }
}

async function timePreview(stack: PulumiStack, policyPack?: string | false): Promise<number> {
  const began = performance.now();
  const options = policyPack === undefined ? {} : { policyPack };
  const { code, stdout, stderr } = await stack.preview(options);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  return seconds;
}

/** A program below the project, so that it finds the project's packages. */
async function program(
  { project, environment }: EngineContext,
  name: string,
  fill: (folder: string) => void,
): Promise<PulumiStack> {
  const folder = join(project, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\nmain: index.js\n`);
  fill(folder);
  const stack = new PulumiStack(name, folder, environment);
  await stack.run(["stack", "rm", "--yes", "--force", "--stack", name]);
  return stack.init("of the environment");
}

/** The tenant's resources as the simulation records them, each after what it needs. */
async function resourcesOf({ project, environment }: EngineContext): Promise<StackResource[]> {
  for await (const { stack, resources } of recordProject(join(project, "atom.yaml"), environment)) {
    if (stack === TENANT) return inOrder(resources.map(withPlainInputs));
  }
  throw new Error(`the fleet has no stack ${TENANT}`);
}

/** The same resources for one tenant after the other; providers and what else bears no tenant's name once. */
function ofManyTenants(resources: readonly StackResource[]): StackResource[] {
  const shared = resources.filter(({ name }) => !name.includes("acme"));
  // Of no component of ours: a chart's record of what it comes to holds for the one tenant alone.
  const own = JSON.stringify(resources.filter((resource) => !shared.includes(resource))).replaceAll(
    "atom:index:",
    "bench:index:",
  );
  const ofTenant = (tenant: string) => {
    const renamed = (text: string) => text.replaceAll("acme", tenant);
    const text = shared.reduce((all, { urn }) => all.replaceAll(renamed(urn), urn), renamed(own));
    return JSON.parse(text) as StackResource[];
  };
  const names = Array.from({ length: MANY_TENANTS }, (_, index) => `t-${index}`);
  return [...shared, ...names.flatMap(ofTenant)];
}

function inOrder(resources: readonly StackResource[]): StackResource[] {
  const placed = new Map<string, StackResource>();
  const own = new Set(resources.map(({ urn }) => urn));
  while (placed.size < resources.length) {
    const next = resources.find(
      ({ urn, parent, provider, dependencies }) =>
        !placed.has(urn) &&
        [parent, provider, ...dependencies].every(
          (needed) => needed === undefined || !own.has(needed) || placed.has(needed),
        ),
    );
    if (next === undefined) throw new Error("the resources depend on one another in a circle");
    placed.set(next.urn, next);
  }
  return [...placed.values()];
}

/** An unknown value and a secret become a text. What they cost the engine more counts as the library's share. */
function withPlainInputs(resource: StackResource): StackResource {
  return { ...resource, inputs: plain(resource.inputs) as Record<string, unknown> };
}

function plain(value: unknown): unknown {
  if (value === UNKNOWN || value instanceof Secret) return "plain";
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

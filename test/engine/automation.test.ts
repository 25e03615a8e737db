import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { recordFleet } from "../../lib/simulation/chart-step";
import type * as stacks from "../../stacks";
import { ApiServer } from "./bed/api-server";
import { engine } from "./engine";

const { bed, folder, project, environment } = engine();

// The installed package and the SDKs beside it: what a program of the project's own would load.
const load = createRequire(join(project, "package.json"));
const { automation } = load("@pulumi/pulumi") as typeof pulumi;
const { ConfigMap } = (load("@pulumi/kubernetes") as typeof kubernetes).core.v1;
const { platformStack, readStackInputs, stackName, tenantStack } = load(
  "atom-selfhost/stacks",
) as typeof stacks;

type Stack = pulumi.automation.Stack;
type EngineEvent = pulumi.automation.EngineEvent;
/** Gives a stack's outputs. */
type Program = () => object | Promise<object>;

const PROJECT = "atom";
const REGION = "eu-west";
const workDir = join(folder, "automation");
const policyPacks = [join(project, "node_modules", "atom-selfhost", "policy-pack")];
const inputs = readStackInputs(join(project, "atom.yaml"), {});
const api = new ApiServer(bed.cluster);
const selected = new Map<string, Stack>();

beforeAll(async () => {
  mkdirSync(workDir);
  const settings = { ...environment, PULUMI_BACKEND_URL: `file://${workDir}` };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const target = { kind: "platform", region: REGION } as const;
  const platform = await select(target, () => platformStack(inputs, REGION));
  await platform.up({ policyPacks });
});

afterAll(async () => {
  // Tenants before the platform that they are on.
  for (const [name, stack] of [...selected].reverse()) {
    // Only a run that a timeout left behind is there to be cancelled.
    await stack.cancel().catch(() => undefined);
    await destroy(stack);
    await stack.workspace.removeStack(name, { force: true });
  }
  rmSync(workDir, { recursive: true });
  api.close();
  vi.unstubAllEnvs();
});

/** A tenant's namespace is protected, and the Automation API has no call that changes that. */
async function destroy(stack: Stack): Promise<void> {
  const state = await stack.exportStack();
  const { resources = [] } = state.deployment as { resources?: { protect?: boolean }[] };
  for (const resource of resources) delete resource.protect;
  await stack.importStack(state);
  await stack.destroy();
}

describe("the stacks of a fleet, as inline programs of one process,", () => {
  test("plan their own resources only, when two are previewed at once", async () => {
    // Neither goes on before both run.
    const together = meeting(2);
    const plans = await Promise.all(
      ["acme", "globex"].map((tenant) =>
        preview(tenant, [], () => together().then(() => tenantStack(inputs, tenant, REGION))),
      ),
    );
    const recorded = await recordedUrns();
    expect(plans.map(plannedUrns)).toEqual([
      recorded.get("tenant.acme.eu-west"),
      recorded.get("tenant.globex.eu-west"),
    ]);
    const told = plans.map((plan) => JSON.stringify(plan));
    expect(told.map((text) => [/acme/.test(text), /globex/.test(text)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test("are made, found unchanged by a second run, and destroyed", async () => {
    const urns = (await recordedUrns()).get("tenant.acme.eu-west")!;
    const stack = await selectTenant("acme");
    const { outputs } = await stack.up({ policyPacks });
    expect(outputs["namespace"]).toEqual({ value: "tenant-acme", secret: false });
    expect(await statusOf("tenant-acme")).toBe(200);
    // The stack itself is one too.
    const { changeSummary } = await stack.preview({ policyPacks });
    expect(changeSummary).toEqual({ same: urns.length + 1 });
    await destroy(stack);
    expect(await statusOf("tenant-acme")).toBe(404);
  });

  test("fail when they break a mandatory rule, tell which, and leave the next run alone", async () => {
    const events: EngineEvent[] = [];
    const broken = preview("globex", events, () => {
      new ConfigMap("stray", { metadata: { name: "stray", namespace: "default" } });
      return tenantStack(inputs, "globex", REGION);
    });
    await expect(broken).rejects.toThrow(/P5-2 ConfigMap default\/stray/);
    expect(violationsIn(events)).toEqual([
      {
        level: "mandatory",
        policy: "atom-stack",
        rule: "P5-2",
        urn: "urn:pulumi:tenant.globex.eu-west::atom::kubernetes:core/v1:ConfigMap::stray",
      },
    ]);
    expect(violationsIn(await preview("globex"))).toEqual([]);
  });

  test("tell of a tenant that the fleet does not have, without a stack trace", async () => {
    const told = await preview("acmee").then(String, String);
    expect(told).toContain(
      "error: Invalid stack:\n     - tenant in eu-west: 'acmee' is not in the fleet file, which has: acme, globex\n",
    );
    expect(told).not.toMatch(/^ +at /m);
  });
});

/** Lets its callers go on once there are that many. */
function meeting(size: number): () => Promise<void> {
  let open: () => void;
  const all = new Promise<void>((resolve) => (open = resolve));
  let come = 0;
  return () => {
    come += 1;
    if (come === size) open();
    return all;
  };
}

/** What each stack makes, as the simulation records it. */
async function recordedUrns(): Promise<Map<string, string[]>> {
  const urns = new Map<string, string[]>();
  for await (const { stack, resources } of recordFleet(inputs)) {
    urns.set(stack, made(resources));
  }
  return urns;
}

function plannedUrns(events: readonly EngineEvent[]): string[] {
  return made(events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []));
}

/** Without the stack itself, the stacks it reads, and the providers that the engine adds by itself. */
function made(resources: readonly { readonly urn: string }[]): string[] {
  return resources
    .map(({ urn }) => urn)
    .filter((urn) => !/::pulumi:(pulumi:\w+|providers:\w+::default)/.test(urn))
    .sort();
}

function violationsIn(events: readonly EngineEvent[]) {
  return events
    .flatMap(({ policyEvent }) => policyEvent ?? [])
    .map(({ enforcementLevel, policyName, message, resourceUrn }) => ({
      level: enforcementLevel,
      policy: policyName,
      rule: /^P\d-\S+/m.exec(message)?.[0],
      urn: resourceUrn,
    }));
}

async function statusOf(namespace: string): Promise<number> {
  return (await api.send(`/api/v1/namespaces/${namespace}`)).status;
}

/** @returns what the engine told. @throws CommandError if the preview fails. */
async function preview(
  tenant: string,
  events: EngineEvent[] = [],
  program?: Program,
): Promise<EngineEvent[]> {
  const stack = await selectTenant(tenant, program);
  await stack.preview({ policyPacks, onEvent: (event) => events.push(event) });
  return events;
}

function selectTenant(
  tenant: string,
  program: Program = () => tenantStack(inputs, tenant, REGION),
): Promise<Stack> {
  return select({ kind: "tenant", tenant, region: REGION }, program);
}

async function select(target: stacks.StackTarget, program: Program): Promise<Stack> {
  const name = stackName(target);
  const stack = await automation.LocalWorkspace.createOrSelectStack(
    { projectName: PROJECT, stackName: name, program: () => Promise.resolve(program()) },
    // Commands run in the folder of `main`, which is the process' own unless somebody says otherwise.
    { workDir, projectSettings: { name: PROJECT, runtime: "nodejs", main: project } },
  );
  selected.set(name, stack);
  await stack.setAllConfig({
    "atom:vaultPrimaryToken": { value: bed.primary.rootToken, secret: true },
    "atom:vaultSecondaryToken": { value: bed.secondary.rootToken, secret: true },
  });
  return stack;
}

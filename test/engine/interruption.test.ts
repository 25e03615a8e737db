import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RecordedStack } from "../../lib/simulation/record-stack";
import { tenantSecretPath } from "../../lib/vault/secret-path";
import { readStackInputs } from "../../stacks/read-stack-inputs";
import { secretsIn } from "../../stacks/stack-inputs";
import type { StackInputs } from "../../stacks/stack-inputs";
import { ApiServer } from "./bed/api-server";
import { clusterInventory, vaultInventory } from "./bed/inventory";
import { OpenBao } from "./bed/openbao";
import { engine } from "./engine";
import { reportedNames, unrecorded, upKilledWhen } from "./interruption/killed-up";
import {
  expectObjectsOnce,
  expectOneHolder,
  expectSettled,
  expectStateOnce,
} from "./interruption/nothing-twice";
import { SmallFleet } from "./interruption/small-fleet";
import { arrive, importTraces, isThere, tracesOf } from "./interruption/vault-traces";
import { discardAll, PulumiStack } from "./project/pulumi";
import { recordProject } from "./project/record-project";
import { mustRun } from "./project/run-command";
import type { Outcome } from "./project/run-command";

const REGION = "eu-west";
const CLUSTER = "eu-prod";
const TENANT = "acme";
/** A chain of runs takes its time on a machine that has others to serve. */
const CHAIN = 900_000;

const context = engine();
const { bed, environment } = context;
const fleet = new SmallFleet(context, TENANT);
const platform = new PulumiStack(`platform.${REGION}`, fleet.folder, environment);
const tenant = new PulumiStack(`tenant.${TENANT}.${REGION}`, fleet.folder, environment);
const api = new ApiServer(bed.cluster);
const primary = new OpenBao(bed.primary);
const secondary = new OpenBao(bed.secondary);
const traces = tracesOf(CLUSTER);

let clusterBefore: readonly string[];
let vaultBefore: readonly string[];

beforeAll(async () => {
  clusterBefore = await clusterInventory(api);
  vaultBefore = await vaultInventory(secondary);
  await platform.init("of the environment");
  await tenant.init("of the environment");
});

afterAll(async () => {
  try {
    await discardAll([tenant, platform]);
  } finally {
    await removeUnrecorded();
    fleet.remove();
    api.close();
  }
});

describe("a platform's stack", () => {
  test(
    "whose runs are killed after each resource in turn is finished by the next, nothing twice",
    async ({ signal }) => {
      const recorded = await recording(platform);
      const waiting = new Set(reportedNames(recorded));
      expect(waiting.size).toBeGreaterThan(20);
      const left: string[] = [];
      for (let before = Infinity; waiting.size < before;) {
        before = waiting.size;
        left.push(...(await finishAfterKills(platform, waiting, signal, ["--parallel", "1"])));
        await expectPlatformOnce(recorded);
        if (waiting.size === 0) break;
        // On a machine with others to serve a run may be at the next resource before we hear of one.
        succeeded(await platform.destroy());
      }
      // A round that came no further would go on for ever: these are never reported.
      expect([...waiting]).toEqual([]);
      expect(left).not.toEqual([]);
    },
    CHAIN,
  );

  test("leaves nothing when it is destroyed after that", () => expectNothingLeft([platform]));

  test("is locked by a run that was killed, until that is cancelled", async () => {
    const run = await upKilledWhen(platform, {
      reached: () => unrecorded(platform).some((urn) => urn.includes("$vault:index/")),
    });
    expect(run.killed).toBe(true);
    const refused = await platform.up({ policyPack: false });
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("the stack is currently locked by 1 lock(s)"),
    ]);
    await cancel(platform);
  });

  test("whose mount and login Vault has made and nobody recorded goes on once they are imported", async () => {
    for (const trace of traces) await arrive(secondary, trace);
    const refused = await platform.up({ policyPack: false });
    expect([refused.code, refused.stdout]).toEqual([
      1,
      expect.stringContaining("path is already in use at "),
    ]);
    await importTraces(platform, secondary, traces);
  });

  test("whose secrets' copying was killed half way is finished by the next run, nothing twice", async () => {
    const copied = `/v1/${traces[0].id}/metadata/tenants?list=true`;
    const run = await upKilledWhen(platform, {
      reached: async () => (await secondary.find(copied)) !== undefined,
    });
    expect(run.killed).toBe(true);
    expect(Object.values(await versionsIn(secondary, traces[0].id))).toContain(0);
    await cancel(platform);
    succeeded(await platform.up());
    await expectPlatformOnce(await recording(platform));
  });
});

describe("a tenant's stack on that platform", () => {
  test(
    "whose runs are killed with several resources in flight is finished by the next, nothing twice",
    async ({ signal }) => {
      const waiting = new Set(reportedNames(await recording(tenant)));
      const all = waiting.size;
      expect(await finishAfterKills(tenant, waiting, signal)).not.toEqual([]);
      expect(waiting.size).toBeLessThan(all / 2);
      await expectTenantOnce();
    },
    CHAIN,
  );

  test("takes a change of every object of its chart, whichever run has made it", async () => {
    fleet.change({ release: "7.2.1" });
    succeeded(await tenant.up());
    await expectTenantOnce();
  });

  test("leaves nothing, nor does the platform, when they are destroyed after that", () =>
    expectNothingLeft([tenant, platform]));
});

/**
 * Runs `up` until one ends by itself. Each other is killed as soon as it reports a resource that is
 * waited for, which is not waited for then.
 *
 * @param signal ends the runs with the test.
 * @returns the resources that some killed run had made, or begun to make, and not recorded.
 */
async function finishAfterKills(
  stack: PulumiStack,
  waiting: Set<string>,
  signal: AbortSignal,
  more: readonly string[] = [],
): Promise<readonly string[]> {
  const left: string[] = [];
  for (;;) {
    const run = await upKilledWhen(
      stack,
      { created: (resource) => waiting.delete(resource) },
      { more, signal },
    );
    signal.throwIfAborted();
    if (run.killed) {
      left.push(...unrecorded(stack));
      await cancel(stack);
    } else if (run.stdout.includes("path is already in use at ")) {
      await importTraces(stack, secondary, traces);
    } else {
      succeeded(run);
      return left;
    }
  }
}

async function expectPlatformOnce(recorded: RecordedStack): Promise<void> {
  expectStateOnce(platform, recorded);
  await expectObjectsOnce(api, clusterBefore, [recorded]);
  await expectOneHolder(api, recorded);
  expect(await madeInVault()).toEqual([`login kubernetes/${CLUSTER}/`, `mount atom-${CLUSTER}/`]);
  expect(await versionsIn(secondary, traces[0].id)).toEqual(await versionsIn(primary, "atom"));
  await expectSettled(platform);
}

async function expectTenantOnce(): Promise<void> {
  const recorded = await recording(tenant);
  expectStateOnce(tenant, recorded);
  await expectObjectsOnce(api, clusterBefore, [await recording(platform), recorded]);
  await expectOneHolder(api, recorded);
  expect(await madeInVault()).toEqual([
    `login kubernetes/${CLUSTER}/`,
    `mount atom-${CLUSTER}/`,
    `policy atom.${CLUSTER}.${TENANT}`,
    `role kubernetes/${CLUSTER}/atom.${CLUSTER}.${TENANT}`,
  ]);
  await expectSettled(tenant);
}

async function expectNothingLeft(stacks: readonly PulumiStack[]): Promise<void> {
  for (const stack of stacks) {
    succeeded(await stack.destroy());
    expect([...stack.resources(), ...unrecorded(stack)]).toEqual([]);
  }
  expect(await clusterInventory(api)).toEqual(clusterBefore);
  expect(await madeInVault()).toEqual([]);
}

/** After a test that failed: what no state knows, and would be in the way of the next file. */
async function removeUnrecorded(): Promise<void> {
  for (const trace of traces) {
    if (await isThere(secondary, trace)) {
      await secondary.request(trace.address, { method: "DELETE" });
    }
  }
  await mustRun(
    "kubectl",
    ["delete", "namespace", "--ignore-not-found", "atom-platform", `tenant-${TENANT}`],
    { folder: fleet.folder, environment },
  );
}

async function madeInVault(): Promise<string[]> {
  return (await vaultInventory(secondary)).filter((line) => !vaultBefore.includes(line));
}

/** How many versions each of the region's secrets has; none if it is not there. */
async function versionsIn(vault: OpenBao, mount: string): Promise<Record<string, number>> {
  const paths = Object.entries(secretsIn(inputs().fleet, REGION)).flatMap(([name, secrets]) =>
    secrets.map((secret) => tenantSecretPath(name, secret)),
  );
  const versions = await Promise.all(
    paths.map(async (path) => {
      const found = await vault.find<{ data: { current_version: number } }>(
        `/v1/${mount}/metadata/${path}`,
      );
      return [path, found?.data.current_version ?? 0] as const;
    }),
  );
  return Object.fromEntries(versions);
}

async function recording({ name }: PulumiStack): Promise<RecordedStack> {
  for await (const recorded of recordProject(join(fleet.folder, "atom.yaml"), environment)) {
    if (recorded.stack === name) return recorded;
  }
  throw new Error(`the fleet has no stack ${name}`);
}

function inputs(): StackInputs {
  return readStackInputs(join(fleet.folder, "atom.yaml"), environment);
}

function cancel(stack: PulumiStack): Promise<string> {
  return stack.must(["cancel", "--yes", "--stack", stack.name]);
}

function succeeded({ code, stdout, stderr }: Outcome): void {
  expect(code, `${stdout}\n${stderr}`).toBe(0);
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readFleet } from "../../lib/fleet/read-fleet";
import { objectId } from "../../lib/kubernetes/object";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { graphFromResources } from "../../lib/policy/graph/graph-from-resources";
import { ApiServer } from "./bed/api-server";
import type { StoredObject } from "./bed/api-server";
import { clusterInventory, vaultInventory } from "./bed/inventory";
import { OpenBao } from "./bed/openbao";
import { engine } from "./engine";
import { discardAll, PulumiStack } from "./project/pulumi";
import { recordProject } from "./project/record-project";
import { mustRun } from "./project/run-command";
import type { Outcome } from "./project/run-command";
import { accountsIn, attemptEverything } from "./region/isolation";
import { readStored, withDefaults } from "./region/stored-objects";

const { bed, project, environment, folder } = engine();
const { fleet } = readFleet(join(project, "atom.yaml"), {});
const api = new ApiServer(bed.cluster);
const secondary = new OpenBao(bed.secondary);

describe.each(fleet.regions.map(({ name }) => name))("the stacks of %s", (region) => {
  const tenants = fleet.tenants.filter(({ regions }) => regions.includes(region));
  const platform = stack(`platform.${region}`);
  const stacks = [platform, ...tenants.map(({ name }) => stack(`tenant.${name}.${region}`))];
  const namespaces = ["atom-platform", ...tenants.map(({ name }) => `tenant-${name}`)];
  const previewed = new Map<string, readonly string[]>();
  let before: readonly string[] = [];

  afterAll(async () => {
    await discardAll([...stacks].reverse());
  });

  test("are previewed without a cluster, the platform before anything is there", async () => {
    before = [...(await clusterInventory(api)), ...(await vaultInventory(secondary))];
    for (const each of stacks) await each.init();
    previewed.set(platform.name, await previewOffline(platform));
    expect([...(await clusterInventory(api)), ...(await vaultInventory(secondary))]).toEqual(
      before,
    );
  });

  test("are made as previewed, a tenant without a cluster on a platform that is there", async () => {
    succeeded(await platform.up());
    for (const tenant of stacks.slice(1)) {
      previewed.set(tenant.name, await previewOffline(tenant));
      succeeded(await tenant.up());
    }
    for (const each of stacks) expect(urnsInState(each)).toEqual(previewed.get(each.name));
  });

  test("run under the restricted Pod Security profile", async () => {
    for (const namespace of namespaces) {
      const { metadata } = await api.json<{ metadata: { labels: Record<string, string> } }>(
        `/api/v1/namespaces/${namespace}`,
      );
      expect(metadata.labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
      // The label alone proves nothing: the API server has to act on it.
      const refused = await api.send(`/api/v1/namespaces/${namespace}/pods`, {
        method: "POST",
        body: PRIVILEGED_POD,
      });
      expect([refused.status, /violates PodSecurity/.test(refused.body)]).toEqual([403, true]);
      const phases = await podPhases(namespace);
      expect(phases).toEqual(phases.map(() => "Running"));
      expect(phases).toHaveLength(await wantedReplicas(namespace));
    }
  });

  test("are stored as the simulation renders them, with the API server's own defaults", async () => {
    const rendered: KubernetesObject[] = [];
    for await (const recorded of recordProject(join(project, "atom.yaml"), environment)) {
      if (!stacks.some(({ name }) => name === recorded.stack)) continue;
      rendered.push(...graphFromResources(recorded.resources).objects.map(({ object }) => object));
    }
    const stored = await Promise.all(rendered.map((object) => readStored(api, object)));
    const expected = await Promise.all(rendered.map((object) => withDefaults(api, object)));
    expect(byId(stored)).toEqual(byId(expected));
    // Each has an id of its own, and there are as many as a tenant's chart has at least.
    expect(Object.keys(byId(stored))).toHaveLength(rendered.length);
    expect(rendered.length).toBeGreaterThan(20 * stacks.length);
  });

  test("do not differ from what atom chart diff reads of the cluster", async () => {
    for (const { name } of tenants) {
      const place = ["--tenant", name, "--region", region, "--live"];
      const diff = await mustRun("npx", ["--no-install", "atom", "chart", "diff", ...place], {
        folder: project,
        environment,
      });
      expect(diff).toBe("");
    }
  });

  test("let no account of a tenant do anything in another namespace or across the cluster", async () => {
    const tenantNamespaces = namespaces.filter((namespace) => namespace.startsWith("tenant-"));
    const accounts = await accountsIn(api, tenantNamespaces);
    expect(new Set(accounts.map(({ namespace }) => namespace))).toEqual(new Set(tenantNamespaces));
    const all = await allNamespaces();
    expect(all).toEqual(expect.arrayContaining(["default", "kube-system", ...namespaces]));
    for (const account of accounts) {
      const foreign = all.filter((name) => name !== account.namespace);
      const { tried, allowed } = await attemptEverything(bed.cluster, account, foreign);
      expect(allowed).toEqual([]);
      expect(tried).toBeGreaterThan(1_000);
      for (const namespace of foreign) {
        const subject = `system:serviceaccount:${account.namespace}:${account.name}`;
        expect(await canDo(subject, namespace)).toBe(await canDo(NOBODY, namespace));
      }
    }
  });

  test("let a tenant's operator work in its own namespace", async () => {
    for (const { name } of tenants) {
      const subject = `system:serviceaccount:tenant-${name}:operator`;
      expect(await canDo(subject, `tenant-${name}`)).not.toBe(
        await canDo(NOBODY, `tenant-${name}`),
      );
    }
  });

  test("do not change when they are deployed or refreshed again", async () => {
    for (const each of stacks) {
      succeeded(await each.up({ more: ["--expect-no-changes"] }));
      succeeded(await each.refresh({ more: ["--expect-no-changes"] }));
    }
  });

  test("keep a tenant's namespace, and all in it, from being destroyed", async () => {
    const there = await clusterInventory(api);
    for (const tenant of stacks.slice(1)) {
      // Its preview fails. Without one the engine goes as far as the namespace.
      const argv = ["destroy", "--yes", "--stack", tenant.name];
      const { code, stdout, stderr } = await tenant.run(argv);
      const told = `${stdout}\n${stderr}`;
      expect([code, /protect/.test(told)], told).toEqual([1, true]);
      expect(urnsInState(tenant)).toEqual(previewed.get(tenant.name));
    }
    expect(await clusterInventory(api)).toEqual(there);
  });

  test("leave nothing behind when they are destroyed", async () => {
    for (const each of [...stacks].reverse()) succeeded(await each.destroy());
    expect([...(await clusterInventory(api)), ...(await vaultInventory(secondary))]).toEqual(
      before,
    );
  });
});

/** An account that nobody has given anything. */
const NOBODY = "system:serviceaccount:default:nobody";

/** What `kubectl auth can-i --list` says that a user may do in a namespace. */
async function canDo(subject: string, namespace: string): Promise<string> {
  const argv = ["auth", "can-i", "--list", "--no-headers", "--as", subject, "-n", namespace];
  // What the API server says of each service account.
  const own = `system:serviceaccounts:${subject.split(":")[2]}`;
  const groups = ["system:serviceaccounts", own, "system:authenticated"];
  const asGroups = groups.flatMap((group) => ["--as-group", group]);
  const text = await mustRun("kubectl", [...argv, ...asGroups], { folder: project, environment });
  return text.split("\n").sort().join("\n");
}

async function allNamespaces(): Promise<string[]> {
  const { items } = await api.json<{ items: { metadata: { name: string } }[] }>(
    "/api/v1/namespaces",
  );
  return items.map(({ metadata: { name } }) => name);
}

function byId(objects: readonly StoredObject[]): Record<string, StoredObject> {
  return Object.fromEntries(
    objects.map((object) => [objectId(object as unknown as KubernetesObject), object]),
  );
}

function stack(name: string): PulumiStack {
  return new PulumiStack(name, project, environment);
}

function succeeded({ code, stdout, stderr }: Outcome): void {
  expect(code, `${stdout}\n${stderr}`).toBe(0);
}

/** The URNs of a preview whose cluster is not to be reached. */
async function previewOffline(previewedStack: PulumiStack): Promise<string[]> {
  const kubeconfig = join(folder, "unreachable.kubeconfig");
  const reachable = readFileSync(bed.cluster.kubeconfig, "utf8");
  writeFileSync(kubeconfig, reachable.replace(bed.cluster.server, "https://127.0.0.1:1"));
  const outcome = await previewedStack.preview({
    more: ["--json"],
    environment: { ...environment, KUBECONFIG: kubeconfig },
  });
  succeeded(outcome);
  const { steps } = JSON.parse(outcome.stdout) as { steps: { op: string; urn: string }[] };
  return steps.map(({ urn }) => urn).sort();
}

/** Without the providers that the engine adds by itself, which no preview lists. */
function urnsInState(deployed: PulumiStack): string[] {
  return deployed
    .resources()
    .map(({ urn }) => urn)
    .filter((urn) => !/::pulumi:providers:\w+::default(_|$)/.test(urn))
    .sort();
}

const PRIVILEGED_POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "privileged" },
  spec: {
    containers: [
      { name: "privileged", image: "privileged", securityContext: { privileged: true } },
    ],
  },
};

async function podPhases(namespace: string): Promise<string[]> {
  const { items } = await api.json<{ items: { status: { phase: string } }[] }>(
    `/api/v1/namespaces/${namespace}/pods`,
  );
  return items.map(({ status }) => status.phase);
}

async function wantedReplicas(namespace: string): Promise<number> {
  const { items } = await api.json<{ items: { spec: { replicas: number } }[] }>(
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
  );
  return items.reduce((sum, { spec }) => sum + spec.replicas, 0);
}

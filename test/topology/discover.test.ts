import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UsageError } from "../../lib/support/problem";
import { discoverTopology, discoverTopologyFromContext } from "../../lib/topology/discover";
import type { ClusterSource } from "../../lib/topology/topology";
import { clusterSourceSchema } from "../../lib/topology/topology";

const eu = { cluster: "eu-prod", region: "eu-west" };
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atom-topology-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fromText(text: string, name = "hosts.ini") {
  writeFileSync(join(folder, name), text);
  return () => discoverTopology({ inventory: name }, { ...eu, baseDir: folder });
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("discoverTopology", () => {
  test("reads the example fleet's inventory and lets no secret out", () => {
    const topology = discoverTopology(
      { inventory: "inventory/hosts.ini" },
      { ...eu, baseDir: join(__dirname, "../../examples/fleet") },
    );
    const from = (line: number) => `inventory/hosts.ini line ${line}`;
    expect(topology).toEqual({
      version: 1,
      cluster: "eu-prod",
      region: "eu-west",
      source: { kind: "inventory", detail: "inventory/hosts.ini" },
      kubernetesVersion: "1.31.2",
      masters: [1, 2, 3].map((n) => ({ name: `eu-master-${n}.eu.atom.example`, from: from(6) })),
      workers: [
        ...[1, 2, 3, 4].map((n) => ({ name: `eu-worker-0${n}.eu.atom.example`, from: from(9) })),
        { name: "eu-worker-05.eu.atom.example", address: "192.0.2.25", from: from(11) },
      ],
    });
    expect(JSON.stringify(topology)).not.toMatch(/passw|token|bastion/i);
  });

  test("makes simulated nodes", () => {
    expect(discoverTopology({ simulate: { masters: 1, workers: 2 } }, eu)).toEqual({
      version: 1,
      cluster: "eu-prod",
      region: "eu-west",
      source: { kind: "simulated", detail: "1 masters, 2 workers" },
      masters: [{ name: "eu-prod-master-1", from: "simulated" }],
      workers: [
        { name: "eu-prod-worker-1", from: "simulated" },
        { name: "eu-prod-worker-2", from: "simulated" },
      ],
    });
  });

  test.each(["masters", "control_plane", "controlplane", "kube_control_plane", "server"])(
    "takes the group %s for masters, and a host of both roles for a master",
    (group) => {
      const { masters, workers } = fromText(`[${group}]\na\n[kube-node]\na\nb`)();
      expect(masters.map(({ name }) => name)).toEqual(["a"]);
      expect(workers.map(({ name }) => name)).toEqual(["b"]);
    },
  );

  test.each(["workers", "nodes", "kube_node", "agent"])(
    "takes the group %s for workers",
    (group) => {
      const { workers } = fromText(`masters:\n  hosts: a\n${group}:\n  hosts: b`, "hosts.yaml")();
      expect(workers).toEqual([{ name: "b", from: "hosts.yaml line 4" }]);
    },
  );

  test("fails without a group of masters, naming the groups there are", () => {
    expect(messageOf(fromText("[web]\na\n[db]\nb"))).toBe(
      "Invalid inventory of cluster 'eu-prod':\n" +
        ' - hosts.ini: no group holds the control plane; the inventory has the groups "db", "web"; ' +
        "name one of its groups masters, control_plane, kube_control_plane or server",
    );
  });

  test("fails if hosts have no role and no group holds workers", () => {
    expect(messageOf(fromText("[masters]\na\n[wrokers]\nb"))).toBe(
      "Invalid inventory of cluster 'eu-prod':\n" +
        " - hosts.ini (line 4): no group holds workers, but 1 host(s) have no role; " +
        'the inventory has the groups "masters", "wrokers"; ' +
        "name a group workers, nodes, kube_node or agent (it may be empty)",
    );
  });

  test("fails for another region and for masters of two versions", () => {
    const text = `[masters]
a region=us-east kubernetes_version=1.30.1
b kubernetes_version=1.31.0`;
    expect(messageOf(fromText(text))).toBe(
      "Invalid inventory of cluster 'eu-prod':\n" +
        " - hosts.ini (line 2): host \"a\" is in region 'us-east', its cluster in 'eu-west'; keep one inventory for each region\n" +
        " - hosts.ini: the masters have different Kubernetes versions: 1.30.1, 1.31.0; finish the upgrade, or set one version for the group",
    );
  });

  test.each(["../x", "a/b", "-rf", "--kubeconfig", "$(id)", "x;rm", "node\u202e1", "nоde", "A"])(
    "fails for the node name %j",
    (name) => {
      expect(
        messageOf(fromText(`masters: { hosts: { ${JSON.stringify(name)}: } }`, "h.yml")),
      ).toContain("is no Kubernetes node name");
    },
  );

  test("fails for a folder, a script and a file that is not there", () => {
    mkdirSync(join(folder, "inventories"));
    writeFileSync(join(folder, "dynamic"), "#!/bin/sh\necho {}");
    const read = (inventory: string) => () =>
      discoverTopology({ inventory }, { ...eu, baseDir: folder });
    expect([read("inventories"), read("dynamic"), read("none.ini")].map(messageOf)).toEqual([
      "Invalid inventory:\n - inventories: is a folder; name one inventory file in it",
      "Invalid inventory:\n - dynamic: is a script; save its output as a static inventory and name that",
      "Invalid inventory:\n - none.ini: cannot be read (ENOENT); paths are relative to the file that names them",
    ]);
  });
});

describe("clusterSourceSchema", () => {
  test("takes each of the three sources", () => {
    const sources: ClusterSource[] = [
      { context: "prod-eu" },
      { inventory: "hosts.ini" },
      { simulate: { masters: 1, workers: 0 } },
    ];
    expect(sources.map((source) => clusterSourceSchema.parse(source))).toEqual(sources);
  });

  test.each([
    [{}, "name exactly one source: { context: NAME }"],
    [{ context: "a", inventory: "b" }, "name exactly one source: { context: NAME }"],
    ["prod", "name exactly one source: { context: NAME }"],
    [{ simulate: { masters: 0, workers: 1 } }, "simulate.masters: Too small"],
    [
      { simulate: { masters: "1", workers: 1 } },
      ": simulate.masters Invalid input: expected number",
    ],
    [{ inventory: "a", extra: 1 }, 'unknown key "extra"; known: "inventory"'],
  ])("fails for %j", (source, message) => {
    const result = clusterSourceSchema.safeParse(source);
    const shown = result.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    expect(shown?.join()).toContain(message);
  });
});

describe("discoverTopologyFromContext", () => {
  const kubeconfig = () => join(folder, "kubeconfig");
  const canary = "canary-41c0de55aa";

  beforeAll(() => {
    writeFileSync(
      kubeconfig(),
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "prod-eu",
        clusters: [{ name: "eu", cluster: { server: `https://user:${canary}@eu.example:6443/` } }],
        users: [{ name: "admin", user: { token: canary } }],
        contexts: [{ name: "prod-eu", context: { cluster: "eu", user: "admin" } }],
      }),
    );
  });

  test("names the context and the nodes that the API server lists", async () => {
    const topology = await discoverTopologyFromContext(
      { context: "prod-eu" },
      {
        ...eu,
        kubeconfig: kubeconfig(),
        listNodes: () =>
          Promise.resolve([
            { name: "w1", labels: {} },
            {
              name: "m1",
              labels: { "node-role.kubernetes.io/control-plane": "" },
              address: "192.0.2.1",
              kubeletVersion: "v1.31.2",
            },
          ]),
      },
    );
    expect(topology).toEqual({
      version: 1,
      cluster: "eu-prod",
      region: "eu-west",
      source: { kind: "context", detail: "prod-eu" },
      kubernetesVersion: "1.31.2",
      masters: [{ name: "m1", address: "192.0.2.1", from: "kube context prod-eu" }],
      workers: [{ name: "w1", from: "kube context prod-eu" }],
    });
  });

  test("fails for an unknown context, naming those there are", async () => {
    await expect(
      discoverTopologyFromContext({ context: "prod-ue" }, { ...eu, kubeconfig: kubeconfig() }),
    ).rejects.toThrow(
      'Invalid kube context:\n - context: there is no context "prod-ue"; the kubeconfig has "prod-eu"; write \'prod-eu\'',
    );
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { AtomCluster } from "../../components/atom-cluster";
import { AtomDaemons } from "../../components/atom-daemons";
import { connectCluster } from "../../components/cluster-reference";
import { NodePool } from "../../components/node-pool";
import { RegistryMirror } from "../../components/registry-mirror";
import { Tenant } from "../../components/tenant";
import { VaultReplica } from "../../components/vault-replica";
import { recordStack } from "../../lib/simulation/record-stack";
import { Secret } from "../../lib/support/secret";
import { packageVersions } from "../../lib/support/versions";
import type { StackInputs } from "../../stacks/stack-inputs";
import { exampleInputs } from "../example-fleet";
import { childrenOf, expectRefusal } from "./children";

// What these tests do not prove: that the engine accepts the resources, or an API server the objects.

const TARGET = "registry.atom.example:5000";
let inputs: StackInputs;
beforeAll(async () => {
  inputs = await exampleInputs();
});

const simulated = { simulate: { masters: 1, workers: 2 } } as const;
const cluster = (name = "eu") => new AtomCluster(name, { region: "eu-west", source: simulated });
const mirror = () =>
  new RegistryMirror("images", {
    cluster: cluster(),
    target: TARGET,
    images: inputs.images,
    signing: inputs.signing,
  });
const quota = { cpu: "8", memory: "16Gi" };

describe("AtomCluster", () => {
  test("makes a provider, the platform's namespace and its network boundary", async () => {
    expect(await childrenOf(() => void cluster())).toEqual([
      "atom:index:AtomCluster eu",
      "kubernetes:core/v1:Namespace eu < eu",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy eu-allow-control-plane < eu",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy eu-allow-dns < eu",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy eu-allow-metrics < eu",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy eu-allow-scrapes < eu",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy eu-default-deny < eu",
      "pulumi:providers:kubernetes eu < eu",
    ]);
  });

  test("makes everything in the namespace after the namespace", async () => {
    const { resources } = await recordStack(() => void cluster());
    const namespace = resources.find(({ type }) => type.endsWith(":Namespace"))!.urn;
    const policies = resources.filter(({ type }) => type.endsWith(":NetworkPolicy"));
    expect(policies.map(({ dependencies }) => dependencies)).toEqual(
      policies.map(() => [namespace]),
    );
  });

  test("leaves no namespace to the kube context", async () => {
    const place = { clusterName: "eu", region: "eu-west", domain: "eu.atom.example" };
    const { resources } = await recordStack(
      () => void connectCluster("eu", { ...place, source: { context: "prod-eu" } }),
    );
    expect(resources.map(({ inputs }) => inputs)).toEqual([
      {
        clusterIdentifier: "eu",
        namespace: "default",
        context: "prod-eu",
        version: packageVersions()["@pulumi/kubernetes"],
      },
    ]);
  });

  test("plans a dry run of the bootstrap playbook for an inventory", async () => {
    const { resources } = await recordStack(
      () =>
        void new AtomCluster("eu", {
          region: "eu-west",
          source: { inventory: "inventory/hosts.ini" },
          baseDir: inputs.folder,
        }),
    );
    const run = resources.find(({ type }) => type === "command:local:Command")!;
    const plan = JSON.parse(String(run.inputs["stdin"])) as { argv: string[] };
    expect([run.name, run.inputs["create"], run.inputs["logging"], plan.argv.slice(0, 3)]).toEqual([
      "eu-bootstrap",
      "npx --no-install atom playbook --plan -",
      "none",
      ["ansible-playbook", "--check", "--diff"],
    ]);
  });

  test("tells its topology", async () => {
    const { outputs } = await recordStack(() => ({ topology: cluster().topology }));
    expect(outputs["topology"]).toMatchObject({ cluster: "eu", region: "eu-west", version: 1 });
  });

  test("fails for a region that is no name, before anything is registered", async () => {
    await expectRefusal(
      () => void new AtomCluster("eu", { region: "EU West", source: simulated }),
      "Invalid AtomCluster 'eu':\n - region: name \"EU West\" is not allowed; use a-z, 0-9 and '-', " +
        "with a letter or digit at both ends",
    );
  });
});

describe("RegistryMirror", () => {
  test("has one command, and runs it again only for another plan", async () => {
    const { resources } = await recordStack(() => void mirror());
    const commands = resources.filter(({ type }) => type === "command:local:Command");
    expect(
      commands.map(({ name, inputs: { create, logging } }) => ({ name, create, logging })),
    ).toEqual([
      {
        name: "images-sync",
        create: "npx --no-install atom mirror sync --apply --plan -",
        logging: "none",
      },
    ]);
    const again = await recordStack(() => void mirror());
    expect(again.resources).toEqual(resources);
  });

  test("fails for an image that it does not have, naming the nearest", async () => {
    await recordStack(() => {
      expect(() => mirror().reference("selfhots")).toThrow("did you mean 'selfhost'?");
    });
  });

  test("fails for a target that is no registry", async () => {
    await expectRefusal(
      () =>
        void new RegistryMirror("images", {
          cluster: {
            clusterName: "eu",
            region: "eu-west",
            domain: "x.example",
            provider: undefined!,
          },
          target: "not a registry",
          images: inputs.images,
          signing: inputs.signing,
        }),
      'Invalid mirror:\n - target: "not a registry" is no registry; write host:port or host:port/path',
    );
  });
});

describe("NodePool", () => {
  test("declares its nodes where the join gateway reads them, and holds no token", async () => {
    const { resources } = await recordStack(
      () => void new NodePool("workers", { cluster: cluster(), nodes: 2, join: { ttl: "15m" } }),
    );
    const plan = resources.find(
      ({ name, type }) => name === "workers" && type.endsWith("ConfigMap"),
    )!;
    expect(plan.inputs).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "atom-pool-workers",
        namespace: "atom-platform",
        annotations: { "pulumi.com/patchFieldManager": "atom/stack" },
      },
      data: {
        "pool.json": JSON.stringify({
          cluster: "eu",
          pool: "workers",
          ttl: "15m",
          nodes: ["eu-workers-1", "eu-workers-2"].map((name) => ({
            name,
            labels: { "node-restriction.kubernetes.io/atom-pool": "workers" },
            taints: [],
          })),
        }),
      },
    });
  });

  test("fails for a token that lives for ever", async () => {
    await recordStack(() => {
      const eu = cluster();
      expect(() => new NodePool("workers", { cluster: eu, nodes: 1, join: { ttl: "0s" } })).toThrow(
        /join\.ttl/,
      );
    });
  });
});

describe("VaultReplica", () => {
  const replica = () =>
    new VaultReplica("vault", {
      cluster: cluster(),
      primary: { address: "https://a.example:8200", token: "primary-token-value" },
      secondary: { address: "https://b.example:8200", token: "secondary-token-value" },
      secrets: { acme: ["database"] },
    });

  test("makes mount and login on the secondary, and one sync", async () => {
    const children = await childrenOf(() => void replica());
    expect(children.filter((child) => child.endsWith("< vault"))).toEqual([
      "command:local:Command vault-sync < vault",
      "pulumi:providers:vault vault < vault",
      "vault:index/authBackend:AuthBackend vault < vault",
      "vault:index/mount:Mount vault < vault",
    ]);
  });

  test("keeps tokens secret whatever they were given as", async () => {
    const { resources } = await recordStack(() => void replica());
    const sync = resources.find(({ name }) => name === "vault-sync")!;
    const provider = resources.find(({ type }) => type === "pulumi:providers:vault")!;
    expect([sync.inputs["stdin"], provider.inputs["token"]]).toEqual([
      expect.any(Secret),
      expect.any(Secret),
    ]);
    expect(JSON.stringify(resources)).not.toContain("token-value");
  });

  test("names no token where the environment's are to be used", async () => {
    const { resources } = await recordStack(
      () =>
        void new VaultReplica("vault", {
          cluster: cluster(),
          primary: { address: "https://a.example:8200" },
          secondary: { address: "https://b.example:8200" },
          secrets: { acme: ["database"] },
        }),
    );
    const provider = resources.find(({ type }) => type === "pulumi:providers:vault")!;
    expect(Object.keys(provider.inputs)).not.toContain("token");
    const sync = resources.find(({ name }) => name === "vault-sync")!;
    expect(JSON.parse((sync.inputs["stdin"] as Secret).reveal())).toEqual({
      secrets: { acme: ["database"] },
      primary: { address: "https://a.example:8200", mount: "atom" },
      secondary: { address: "https://b.example:8200", mount: "atom-eu" },
    });
  });
});

describe("Tenant", () => {
  test("is one namespace and its boundary", async () => {
    const children = await childrenOf(() => void new Tenant("acme", { cluster: cluster(), quota }));
    expect(children.filter((child) => child.endsWith("< acme"))).toEqual([
      "kubernetes:core/v1:LimitRange acme-limits < acme",
      "kubernetes:core/v1:Namespace acme < acme",
      "kubernetes:core/v1:ResourceQuota acme-quota < acme",
      "kubernetes:core/v1:ServiceAccount acme-operator < acme",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy acme-allow-dns < acme",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy acme-allow-ingress < acme",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy acme-allow-metrics < acme",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy acme-allow-same-namespace < acme",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy acme-default-deny < acme",
      "kubernetes:rbac.authorization.k8s.io/v1:Role acme-operator < acme",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding acme-operator < acme",
    ]);
  });

  test.each([
    [{}, ["acme"]],
    [{ protect: false }, []],
  ])("with the options %j has these protected: %j", async (opts, names) => {
    const tenant = () => void new Tenant("acme", { cluster: cluster(), quota }, opts);
    const { resources } = await recordStack(tenant);
    const kept = resources.filter(({ protect }) => protect);
    expect(kept.map(({ name }) => name)).toEqual(names);
  });

  test.each(["../x", "kube-system", "Acme", "a".repeat(64)])(
    "fails for the name %s, before anything is registered",
    async (name) => {
      await recordStack(() => {
        const eu = cluster();
        expect(() => new Tenant(name, { cluster: eu, quota })).toThrow(/^Invalid tenant:\n - name/);
      });
    },
  );
});

describe("AtomDaemons", () => {
  test("makes a deployment and an account for each daemon, after the mirror's copy", async () => {
    const { resources } = await recordStack(() => {
      const eu = cluster();
      const images = new RegistryMirror("images", {
        cluster: eu,
        target: TARGET,
        images: inputs.images,
        signing: inputs.signing,
      });
      new AtomDaemons("daemons", { cluster: eu, mirror: images, fleet: "version: 1\n" });
    });
    const sync = resources.find(({ name }) => name === "images-sync")!.urn;
    const deployments = resources.filter(({ type }) => type === "kubernetes:apps/v1:Deployment");
    expect(
      deployments.map(({ name, dependencies }) => [name, dependencies.includes(sync)]),
    ).toEqual(
      ["bootstrap", "chart", "mirror", "node-join", "policy-monitor", "vault-sync"].map((name) => [
        `daemons-${name}`,
        true,
      ]),
    );
  });
});

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Daemon } from "../../lib/daemons/daemon";
import { DaemonHost } from "../../lib/daemons/daemon-host";
import { DaemonMetrics } from "../../lib/daemons/daemon-metrics";
import { fleetDaemons } from "../../lib/daemons/fleet-daemons";
import { LivePolicies } from "../../lib/daemons/live-policies";
import { MirrorMetrics } from "../../lib/daemons/mirror-metrics";
import { PolicyMetrics } from "../../lib/daemons/policy-metrics";
import { readFleet } from "../../lib/fleet/read-fleet";
import { defineRule } from "../../lib/policy/evaluation/rule";
import type { PolicyMatrix } from "../../lib/policy/matrix";
import { objects } from "../../lib/policy/subjects/subjects";
import { atom, smallFleet, writeFleet } from "../cli/atom";
import { KubernetesApiDouble } from "../doubles/kubernetes-api";
import { tempFolder } from "../doubles/temp-folder";

const tenant = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name: "tenant-acme",
    labels: { "atom.cloud/role": "tenant", "atom.cloud/tenant": "acme" },
  },
};
const stranger = { apiVersion: "v1", kind: "Namespace", metadata: { name: "somebody" } };
const PATIENCE = { timeout: 10_000 };

let double: KubernetesApiDouble;
let folder: string;
let fleetPath: string;
beforeEach(async () => {
  folder = tempFolder();
  double = await KubernetesApiDouble.start({ v1: ["Namespace", "Pod"] });
  const [cluster] = smallFleet()["clusters"] as object[];
  const waiver = { rule: "P5-1", reason: "r", expires: "9999-12-31", owner: "o" };
  fleetPath = writeFleet(
    folder,
    smallFleet({
      clusters: [{ ...cluster, source: { context: "prod" } }],
      waivers: [{ ...waiver, object: "Namespace waived" }],
    }),
  );
  vi.stubEnv("KUBECONFIG", join(folder, "kubeconfig"));
  writeFileSync(
    join(folder, "kubeconfig"),
    JSON.stringify({
      clusters: [
        { name: "c", cluster: { server: double.address, "insecure-skip-tls-verify": true } },
      ],
      users: [{ name: "u", user: { token: "canary-4711" } }],
      contexts: [{ name: "prod", context: { cluster: "c", user: "u" } }],
      "current-context": "prod",
    }),
  );
  double.put(tenant);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await double.close();
});

describe("the policy monitor on a live cluster", () => {
  let host: DaemonHost;
  let metrics: DaemonMetrics;
  let monitor: Daemon;
  beforeEach(() => {
    metrics = new DaemonMetrics();
    const livePolicies = new LivePolicies({
      folder,
      metrics: new PolicyMetrics(metrics.registry),
      // One rule, so that the little that is there breaks no other.
      rules: [
        defineRule({
          id: "P5-1",
          policy: "P5",
          severity: "critical",
          title: "t",
          why: "w",
          remediation: "r",
          source: "s",
          inHome: (home) =>
            objects(home).filter(({ node }) => node.object.metadata.name === "somebody"),
          check(_, report) {
            report("", "m");
          },
        }),
      ],
    });
    [monitor] = fleetDaemons({
      load: () => readFleet(fleetPath),
      environment: {},
      sourceOf: () => {
        throw new Error("no registry is asked");
      },
      metrics: new MirrorMetrics(metrics.registry),
      livePolicies,
    }).filter(({ name }) => name === "policy-monitor") as [Daemon];
    host = new DaemonHost([monitor], pino({ enabled: false }), metrics);
  });
  afterEach(() => host.stop());

  const status = () => host.statuses[0]!.status;
  const violations = async () =>
    (await metrics.registry.metrics())
      .split("\n")
      .filter((row) => /^atom_policy_violations/.test(row));

  test("passes again soon after a change, and not without one", async () => {
    host.start(86_400);
    await vi.waitFor(
      () => expect(host.statuses[0]!.summary).toBe("P1 to P7: not applicable"),
      PATIENCE,
    );
    const passes = async () =>
      /atom_daemon_reconciliations_total{.*} ([0-9]+)/.exec(await metrics.registry.metrics())?.[1];
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await passes()).toBe("1");
    double.put(stranger);
    await vi.waitFor(
      () =>
        expect(host.statuses[0]!.summary).toBe(
          "P1 to P7: violation: eu-prod P5-1 Namespace somebody",
        ),
      PATIENCE,
    );
    expect(await violations()).toEqual([
      'atom_policy_violations{rule="P5-1",cluster="eu-prod",tenant=""} 1',
    ]);
    const written = JSON.parse(
      readFileSync(join(folder, "reports/selfhost_policy_audit.json"), "utf8"),
    ) as PolicyMatrix;
    expect(written.outcome).toBe("violation");
    expect(written.waivers.unused.map(({ object }) => object)).toEqual(["Namespace waived"]);
    expect(existsSync(join(folder, "docs/policies/selfhost_compliance.md"))).toBe(true);
    double.remove(stranger);
    await vi.waitFor(async () => expect(await violations()).toEqual([]), PATIENCE);
  });

  test("is unhealthy for what it may not see, and leaves the last audit to get older", async () => {
    double.put(stranger);
    await host.passAll();
    double.fault = ({ pathname }) => (pathname === "/api/v1/pods" ? { status: 403 } : undefined);
    double.endWatches("/api/v1/pods");
    await vi.waitFor(async () => {
      await host.passAll();
      expect(host.statuses[0]).toEqual({
        name: "policy-monitor",
        status: "unhealthy",
        summary:
          'scan of the cluster behind "prod": pods: may not be listed and watched (403); ' +
          "bind the scan's account to the role that 'atom audit role' prints",
      });
    }, PATIENCE);
    expect(await violations()).toHaveLength(1);
  });

  test("asks a cluster for nothing more once it has stopped", async () => {
    host.start(86_400);
    await vi.waitFor(() => expect(status()).toBe("unhealthy"), PATIENCE);
    await vi.waitFor(() => expect(double.watchesOf("/api/v1/pods")).toBe(1));
    host.stop();
    await vi.waitFor(() => expect(double.watchesOf("/api/v1/pods")).toBe(0));
  });
});

describe("atom audit --live", () => {
  const audit = (...argv: string[]) => atom(["audit", "--live", ...argv]);

  test("judges what the current context has, and says on standard error what it reads", async () => {
    double.put(stranger);
    const { code, out, error } = await audit("--json", "--reports", folder);
    expect([code, error]).toEqual([
      1,
      "default: reading prod …\ndefault: 2 objects of 2 kinds read\n",
    ]);
    const matrix = JSON.parse(out) as PolicyMatrix;
    expect(matrix.clusters[0]!.findings.map(({ rule, object }) => `${rule} ${object}`)).toContain(
      "P5-1 Namespace somebody",
    );
    expect(
      JSON.parse(readFileSync(join(folder, "reports/selfhost_policy_audit.json"), "utf8")),
    ).toEqual(matrix);
  });

  test("takes clusters, tenants and waivers of a fleet", async () => {
    double.put({ ...stranger, metadata: { name: "waived" } });
    double.remove(tenant);
    const { out } = await audit("--fleet", fleetPath, "--json");
    const [cluster] = (JSON.parse(out) as PolicyMatrix).clusters;
    expect(cluster!.cluster).toBe("eu-prod");
    const found = cluster!.findings.filter(({ rule }) => rule === "P5-1");
    expect(found.map(({ object, waiver }) => [object, waiver?.owner])).toEqual([
      ["Namespace waived", "o"],
      ["tenant acme", undefined],
    ]);
  });

  test("fails with exit code 2 for what it may not see, and prints no audit", async () => {
    double.fault = ({ pathname }) =>
      pathname === "/api/v1/pods" ? { status: 403, body: "canary-4711" } : undefined;
    const { code, out, error } = await audit("--reports", folder);
    expect([code, out]).toEqual([2, ""]);
    expect(error).toContain("pods: may not be listed and watched (403)");
    expect(error).not.toContain("canary");
    expect(existsSync(join(folder, "reports"))).toBe(false);
  });

  test.each([
    ["manifests beside it", ["--live", "manifests"], "a live cluster and manifests are two audits"],
    ["neither", [], "name manifests, or scan a cluster with --live"],
    ["a context for manifests", ["--context", "prod", "manifests"], "goes with --live only"],
    [
      "a Vault without a token",
      ["--live", "--vault", "https://v.example"],
      "VAULT_TOKEN: is not set",
    ],
    ["an unknown context", ["--live", "--context", "prd"], "write 'prod'"],
  ])("fails for %s", async (_, argv, words) => {
    const { code, error } = await atom(["audit", ...argv]);
    expect(code).toBe(2);
    expect(error).toContain(words);
  });
});

import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { scanRights, scanRole } from "../../lib/monitor/scan-role";
import { DAEMONS } from "../../lib/platform/daemon";
import { planDaemons } from "../../lib/platform/daemon-plan";
import { planPlatformNamespace } from "../../lib/platform/namespace-plan";
import { violationsOf } from "../../lib/policy/evaluation/evaluate";
import { graphFromManifests } from "../../lib/policy/graph/graph-from-manifests";
import { ALL_RULES } from "../../lib/policy/rules";

const objects = planDaemons({
  image: `registry.example/atom/selfhost@sha256:${"0".repeat(64)}`,
  fleet: "version: 1\n",
  cluster: "eu-prod",
  monitorRights: scanRights(),
});

interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly [
    {
      readonly args: readonly string[];
      readonly resources: Readonly<Record<"requests" | "limits", Record<string, string>>>;
    },
  ];
}

function podOf(daemon: string): PodSpec {
  const deployment = objects.find(
    ({ kind, metadata }) => kind === "Deployment" && metadata.name === daemon,
  ) as KubernetesObject & { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  return deployment.spec.template.spec;
}

const argsOf = (daemon: string) => podOf(daemon).containers[0].args;
const SERVE = (daemon: string) => [
  "serve",
  "--only",
  daemon,
  "--fleet",
  "/etc/atom/atom.yaml",
  "--host",
  "0.0.0.0",
];

describe("the planned daemons", () => {
  test("run the policy monitor over the cluster it is on, with its own account", () => {
    expect(argsOf("policy-monitor")).toEqual([
      ...SERVE("policy-monitor"),
      ...["--live", "--cluster", "eu-prod"],
      ...["--context", "inClusterContext", "--reports", "/var/lib/atom"],
    ]);
  });

  test("give the policy monitor alone a token, with the rights that a scan takes", () => {
    const holders = DAEMONS.map(({ name }) => name).filter(
      (name) => podOf(name).automountServiceAccountToken,
    );
    expect(holders).toEqual(["policy-monitor"]);
    const [account, ...rights] = scanRole();
    expect(podOf("policy-monitor").serviceAccountName).toBe(account!.metadata.name);
    expect(objects.filter(({ apiVersion }) => apiVersion.startsWith("rbac."))).toEqual(rights);
    const others = DAEMONS.map(({ name }) => name).filter((name) => name !== "policy-monitor");
    expect(others.map(argsOf)).toEqual(others.map(SERVE));
  });

  test("give the policy monitor the memory that a cluster takes, and the others that of a daemon", () => {
    const memory = DAEMONS.map(({ name }) => {
      const { requests, limits } = podOf(name).containers[0].resources;
      return [name, requests["memory"], limits["memory"]];
    });
    expect(memory).toEqual([
      ...DAEMONS.slice(0, -1).map(({ name }) => [name, "96Mi", "256Mi"]),
      ["policy-monitor", "256Mi", "512Mi"],
    ]);
  });

  test("keep every rule", () => {
    const graph = graphFromManifests([...planPlatformNamespace(), ...objects]);
    expect(violationsOf(graph, ALL_RULES)).toEqual([]);
  });
});

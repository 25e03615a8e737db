import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { evaluate } from "../lib/policy/evaluation/evaluate";
import { graphFromResources } from "../lib/policy/graph/graph-from-resources";
import { ALL_RULES } from "../lib/policy/rules";
import { recordStack } from "../lib/simulation/record-stack";
import { simulate } from "../lib/simulation/simulate";
import { EXAMPLE_FLEET, temporaryFolder } from "./example-fleet";

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: eu, cluster: { server: "https://127.0.0.1:6443" } }]
users: [{ name: eu, user: {} }]
contexts: [{ name: prod-eu, context: { cluster: eu, user: eu } }]
`;

const home = process.cwd();
const before = process.env["KUBECONFIG"];
afterEach(() => {
  process.chdir(home);
  if (before === undefined) delete process.env["KUBECONFIG"];
  else process.env["KUBECONFIG"] = before;
});

test("the smallest stack runs with a simulation's lock, signatures and key, and breaks no rule", async () => {
  const folder = temporaryFolder();
  try {
    await simulate({ fleetPath: EXAMPLE_FLEET, out: folder, environment: {}, port: 0 });
    for (const file of ["atom.lock.json", "atom.signatures.json", "cosign.pub"]) {
      copyFileSync(join(folder, ".atom/simulation", file), join(folder, file));
    }
    writeFileSync(join(folder, "kubeconfig"), KUBECONFIG);
    process.env["KUBECONFIG"] = join(folder, "kubeconfig");
    process.chdir(folder);
    const { resources } = await recordStack(() =>
      import("../examples/stack/index.js").then(() => undefined),
    );
    const { readSigning } = await import("../components/read-signing.js");
    const graph = graphFromResources(resources, { trustedKeys: readSigning().trustedKeys });
    expect(
      resources.filter(({ type }) => type.startsWith("atom:")).map(({ type }) => type),
    ).toEqual([
      "atom:index:AtomChart",
      "atom:index:AtomCluster",
      "atom:index:NodePool",
      "atom:index:RegistryMirror",
      "atom:index:Tenant",
    ]);
    expect(evaluate(graph, ALL_RULES).flatMap(({ findings }) => findings)).toEqual([]);
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  }
});

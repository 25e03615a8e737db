import { createServer } from "node:net";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { simulate } from "../../lib/simulation/simulate";
import type { SimulateOptions, SimulationResult } from "../../lib/simulation/simulate";
import { verifyBlob } from "../../lib/signing/blob-signature";
import { sha256 } from "../../lib/support/digest";
import { writeKeyPair } from "../cli/atom";
import { EXAMPLE_FLEET, temporaryFolder } from "../example-fleet";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = temporaryFolder();
  folders.push(made);
  return made;
}

async function run(
  options: Partial<SimulateOptions> = {},
): Promise<{ out: string; result: SimulationResult }> {
  const out = options.out ?? folder();
  const result = await simulate({
    fleetPath: EXAMPLE_FLEET,
    environment: {},
    port: 0,
    ...options,
    out,
  });
  return { out, result };
}

/** Content of every file below a folder, by path. */
function contents(root: string, leaveOut: RegExp = /^$/): Record<string, string> {
  return Object.fromEntries(
    readdirSync(root, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .map((path) => [relative(root, path), path] as const)
      .filter(([name]) => !leaveOut.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, path]) => [name, readFileSync(path, "latin1")]),
  );
}

const MEASURED = /^(logs|\.atom)\//;

const REPORTS = [
  "docs/policies/selfhost_compliance.md",
  "reports/G.3.1_cluster_bootstrap.md",
  "reports/G.3.2_registry_mirror.md",
  "reports/G.3.3_vault_sync.md",
  "reports/G.3.4_helm_orchestrator.md",
  "reports/G.3.5_node_join.md",
  "reports/G.3.6_policy_monitor.md",
  "reports/G.3_health.json",
  "reports/G.3_precheck.json",
  "reports/PhaseG.3_Snapshot.json",
  "reports/cluster_topology.json",
  "reports/mirror_state.json",
  "reports/selfhost_policy_audit.json",
  "reports/vault_sync.log",
];
const LOGS = ["G.3.1", "G.3.2", "G.3.3", "G.3.4", "G.3.5", "G.3.6", "G.3_end2end"].map(
  (name) => `logs/${name}.log`,
);

describe("the example fleet", () => {
  test("gives every report, log and rendered file, and no step fails", async () => {
    const { out, result } = await run();
    const files = Object.keys(contents(out, /^\.atom\//));
    const rendered = files.filter((file) => file.startsWith("reports/rendered/"));
    expect(files.filter((file) => !rendered.includes(file))).toEqual([...REPORTS, ...LOGS].sort());
    expect([...new Set(rendered.map((file) => file.split("/").slice(2, 4).join("/")))]).toEqual([
      "eu-west/acme",
      "eu-west/globex",
      "eu-west/platform",
      "us-east/acme",
      "us-east/initech",
      "us-east/platform",
    ]);
    expect(result.steps.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      "G.3.1 ok",
      "G.3.2 ok",
      "G.3.3 ok",
      "G.3.4 ok",
      "G.3.5 ok",
      "G.3.6 ok",
      "G.3 ok",
    ]);
  });

  test("gives the same bytes again, and what is committed", async () => {
    const { out } = await run();
    const first = contents(out, MEASURED);
    await run({ out });
    expect(contents(out, MEASURED)).toEqual(first);
    const committed = {
      ...prefixed("docs/policies", contents("docs/policies")),
      ...prefixed("reports", contents("reports")),
    };
    // Where this fails after a wanted change, `npm run simulate` writes the reference anew.
    expect(first).toEqual(committed);
  });

  test("records the digest of each render, as sha256sum gives it", async () => {
    const { out } = await run();
    const { renders, files } = JSON.parse(
      readFileSync(join(out, "reports/PhaseG.3_Snapshot.json"), "utf8"),
    ) as { renders: Record<string, string>; files: Record<string, string> };
    expect(Object.keys(renders)).toEqual([
      "eu-west/platform",
      "eu-west/acme",
      "eu-west/globex",
      "us-east/platform",
      "us-east/acme",
      "us-east/initech",
    ]);
    for (const [render, digest] of Object.entries(renders)) {
      const list = Object.entries(files)
        .filter(([path]) => path.startsWith(`reports/rendered/${render}/`))
        .map(([path, each]) => `${each.replace("sha256:", "")}  ${path.split("/").at(-1)}\n`);
      expect(list.length).toBeGreaterThan(2);
      expect(digest).toBe(sha256(list.join("")));
    }
  });

  test("signs each render with the user's own key, and leaves no signature without it", async () => {
    const home = folder();
    const { environment, privatePem } = writeKeyPair(home);
    const keys = [readFileSync(join(home, "cosign.pub"), "utf8")];
    const { out, result } = await run({ environment });
    const step = result.steps.find(({ id }) => id === "G.3.4");
    expect([step?.outcome, step?.summary]).toEqual([
      "ok",
      expect.stringMatching(/; signed by sha256:/),
    ]);
    const rendered = join(out, "reports/rendered");
    const { renders } = JSON.parse(
      readFileSync(join(out, "reports/PhaseG.3_Snapshot.json"), "utf8"),
    ) as { renders: Record<string, string> };
    for (const [render, digest] of Object.entries(renders)) {
      const list = readFileSync(join(rendered, render, "SHA256SUMS"));
      const signature = readFileSync(join(rendered, render, "SHA256SUMS.sig"), "utf8");
      expect([sha256(list), verifyBlob(list, signature, keys).verified]).toEqual([digest, true]);
    }
    const everything = JSON.stringify(contents(out));
    expect(everything).not.toContain(environment.COSIGN_PASSWORD);
    expect(everything).not.toContain(privatePem.split("\n")[1]);
    await run({ out });
    expect(Object.keys(contents(rendered)).filter((file) => file.includes("SHA256SUMS"))).toEqual(
      [],
    );
  });

  test.each([
    ["is not there", { COSIGN_PASSWORD: "x" }, /cannot be read \(ENOENT\)$/],
    ["is sealed with another password", { COSIGN_PASSWORD: "x" }, /the password is wrong or/],
    ["is sealed, and no password was given", {}, /no password was given$/],
  ])("warns if the user's own key %s, and signs nothing", async (what, password, words) => {
    const home = folder();
    const { environment } = writeKeyPair(home);
    if (what === "is not there") rmSync(environment.COSIGN_KEY_PATH);
    const { COSIGN_KEY_PATH } = environment;
    const { out, result } = await run({ environment: { COSIGN_KEY_PATH, ...password } });
    const step = result.steps.find(({ id }) => id === "G.3.4");
    expect([result.ok, step?.outcome, step?.summary]).toEqual([
      true,
      "warning",
      expect.stringMatching(words),
    ]);
    expect(Object.keys(contents(out)).filter((file) => file.includes("SHA256SUMS"))).toEqual([]);
  });

  test("removes what an earlier run rendered and this one did not", async () => {
    const { out } = await run();
    const stale = join(out, "reports/rendered/eu-west/gone");
    mkdirSync(stale);
    writeFileSync(join(stale, "00-policy.yaml"), "kind: Namespace\n");
    await run({ out });
    expect(existsSync(stale)).toBe(false);
  });

  test("moves to another port if the one asked for is taken, and says so", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => blocker.once("listening", resolve));
    const { port } = blocker.address() as { port: number };
    try {
      const { result } = await run({ port });
      expect(result.steps.at(-1)?.summary).toMatch(
        new RegExp(`^6 daemons healthy \\(port ${port} is taken, port \\d+\\)$`),
      );
    } finally {
      blocker.close();
    }
  });

  test("fails a second run on the same folder while the first one runs, and says who holds it", async () => {
    const out = folder();
    const first = run({ out });
    await expect(run({ out })).rejects.toThrow(/lock/);
    await first;
  });

  test("stops between steps when it is told to, and leaves its log", async () => {
    const interruption = new AbortController();
    const out = folder();
    const stopped = run({
      out,
      signal: interruption.signal,
      listener: {
        ended: ({ id }) => id === "G.3.2" && interruption.abort(new Error("interrupted")),
      },
    });
    await expect(stopped).rejects.toThrow("interrupted");
    expect(Object.keys(contents(out, /^\.atom\/simulation\/(registry|upstream)/))).toEqual([
      ".atom/simulation/atom.lock.json",
      "logs/G.3.1.log",
      "logs/G.3.2.log",
      "logs/G.3_end2end.log",
    ]);
  });
});

describe("the environment", () => {
  const full = (home: string) => ({
    K8S_CONTEXT: "prod-eu",
    ANSIBLE_INVENTORY: "examples/fleet/inventory/hosts.ini",
    LOCAL_REGISTRY_URL: "registry.local:5000",
    VAULT_PRIMARY_ADDR: "https://vault-a.local:8200",
    VAULT_SECONDARY_ADDR: "https://vault-b.local:8200",
    COSIGN_KEY_PATH: join(home, "cosign.key"),
    SIMULATION_MODE: "true",
    SELFHOST_REGION: "eu-west",
    ATOM_VERSION: "7.3.0",
  });

  test.each(Object.keys(full("/")))("without %s there is still a full report", async (missing) => {
    const { out, result } = await run({ environment: { ...full(folder()), [missing]: undefined } });
    expect(result.ok).toBe(true);
    expect(Object.keys(contents(out)).filter((file) => REPORTS.includes(file))).toEqual(REPORTS);
    const precheck = JSON.parse(readFileSync(join(out, "reports/G.3_precheck.json"), "utf8")) as {
      variables: Record<string, string>;
      decision: string;
    };
    expect(Object.entries(precheck.variables).filter(([, state]) => state === "MISSING")).toEqual([
      [missing, "MISSING"],
    ]);
    expect(precheck.decision).toBe(
      missing === "SIMULATION_MODE" ? "PROCEED" : "PROCEED_SIMULATION",
    );
  });

  test("a context that no kubeconfig has gives simulated nodes, and the report says so", async () => {
    const { out, result } = await run({ environment: { K8S_CONTEXT: "nowhere" } });
    expect([result.ok, result.steps[0]?.outcome]).toEqual([true, "warning"]);
    const page = readFileSync(join(out, "reports/G.3.1_cluster_bootstrap.md"), "utf8");
    expect(page).toContain("- eu-prod: kube context 'nowhere' not found, nodes are simulated");
  });
});

describe("a copy of the example", () => {
  function copy(): string {
    const at = folder();
    cpSync("examples/fleet", at, { recursive: true });
    return at;
  }

  test("without its inventory has simulated nodes, and the report says so", async () => {
    const at = copy();
    rmSync(join(at, "inventory/hosts.ini"));
    const { out, result } = await run({ fleetPath: join(at, "atom.yaml") });
    expect([result.ok, result.steps[0]?.outcome]).toEqual([true, "warning"]);
    const page = readFileSync(join(out, "reports/G.3.1_cluster_bootstrap.md"), "utf8");
    expect(page).toContain("inventory 'inventory/hosts.ini' not found, nodes are simulated");
  });

  test("without seed has random values, and the same reports", async () => {
    const at = copy();
    const fleet = join(at, "atom.yaml");
    writeFileSync(fleet, readFileSync(fleet, "utf8").replace(/^simulation:[\s\S]*/m, ""));
    const seeded = await run();
    const { out } = await run({ fleetPath: fleet });
    const log = "reports/G.3.3_vault_sync.md";
    expect(readFileSync(join(out, log), "utf8")).toBe(readFileSync(join(seeded.out, log), "utf8"));
  });

  test("fails for a typo before anything is written, with its line and the nearest word", async () => {
    const at = copy();
    const fleet = join(at, "atom.yaml");
    const text = readFileSync(fleet, "utf8").replace("replicas: 3", "replcias: 3");
    writeFileSync(fleet, text);
    const line = text.split("\n").findIndex((row) => row.includes("replcias")) + 1;
    const out = folder();
    await expect(run({ fleetPath: fleet, out })).rejects.toThrow(
      new RegExp(`\\(line ${line}\\).*replcias.*replicas`),
    );
    expect(readdirSync(out)).toEqual([]);
  });

  test("shows no secret in any byte that it writes or tells (canaries)", async () => {
    const at = copy();
    const canaries: string[] = [];
    const plant = (file: string, pattern: RegExp) => {
      const path = join(at, file);
      const planted = readFileSync(path, "utf8").replace(pattern, (_, before: string) => {
        const canary = `canary-${canaries.length}-Zq7xW4vK`;
        canaries.push(canary);
        return `${before}${canary}`;
      });
      writeFileSync(path, planted);
    };
    // Every value of the eight secrets, and every password and token among the host variables.
    writeFileSync(
      join(at, "secrets.yaml"),
      canarySeed(readFileSync("examples/fleet/secrets.yaml", "utf8"), canaries),
    );
    plant("inventory/hosts.ini", /((?:pass(?:word)?|token)\s*=\s*)\S+/gi);
    expect(canaries.length).toBeGreaterThanOrEqual(10);

    const told: unknown[] = [];
    const listener = {
      started: (event: unknown) => void told.push(event),
      progressed: (event: unknown) => void told.push(event),
      ended: (event: unknown) => void told.push(event),
    };
    const { out, result } = await run({ fleetPath: join(at, "atom.yaml"), listener });
    const everything = JSON.stringify([told, result, contents(out)]);
    const forms = (canary: string) => [
      canary,
      Buffer.from(canary).toString("base64").replace(/=+$/, ""),
      Buffer.from(canary).toString("hex"),
    ];
    expect(canaries.flatMap(forms).filter((form) => everything.includes(form))).toEqual([]);
  });
});

/** The example's seed with a canary for each value; paths and field names stay. */
function canarySeed(text: string, canaries: string[]): string {
  const paths = [...text.matchAll(/path:\s*["']?(tenants\/[\w/-]+)/g)].map(([, path]) => path!);
  expect(paths).toHaveLength(8);
  const secrets = paths.map((path) => {
    const canary = `canary-${canaries.length}-Zq7xW4vK`;
    canaries.push(canary);
    return `  - path: ${path}\n    data: { value: ${canary} }\n`;
  });
  return `version: 1\nsecrets:\n${secrets.join("")}`;
}

function prefixed(prefix: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`${prefix}/${name}`, text]),
  );
}

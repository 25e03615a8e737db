import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../lib/support/package-root";
import { engine } from "./engine";
import { baseEnvironment } from "./project/engine-environment";
import { pathWithNode } from "./project/node-release";
import { readmeExample } from "./project/readme";
import { ExampleProject } from "./project/example-project";
import { ReadmeProject } from "./project/readme-project";
import { runCommand } from "./project/run-command";
import type { Outcome } from "./project/run-command";
import { installLibrary, lowestPeers, newestPeers } from "./project/user-project";
import type { Versions } from "./project/user-project";

// What these tests do not prove: that the genuine language host starts programs as its double does,
// and that package managers other than npm lay the peers out so that they are found.

const context = engine();
const { folder, parts, project, tarball } = context;
const users = join(folder, "users");
const thisNode = `Node ${process.versions.node}`;

/** Value for PATH with each Node. */
const PATHS: Readonly<Record<string, string>> = {
  [thisNode]: parts.path,
  "Node 22": pathWithNode(folder, parts, "node22"),
  "Node 24": pathWithNode(folder, parts, "node24"),
};

/** What `pulumi new typescript` adds, and what Pulumi wants beside it to load an ES module. */
const TYPESCRIPT: Versions = { typescript: "5.9.3", "ts-node": "10.9.2", "@types/node": "20" };

/** For one run of the repository's own tests, in milliseconds. */
const SUITE_PATIENCE = 600_000;

afterAll(() => rmSync(users, { recursive: true, force: true }));

describe.each([
  ["lowest", { peers: lowestPeers(), nodes: [thisNode], resolution: "node16" }],
  ["newest", { peers: newestPeers(), nodes: ["Node 22", "Node 24"], resolution: "nodenext" }],
])("the README's stack, with the %s peers,", (which, { peers, nodes, resolution }) => {
  const path = PATHS[nodes[0]!]!;
  const commonjs = new ReadmeProject(join(users, which), context);
  const module = new ReadmeProject(join(users, `${which}-module`), context);

  beforeAll(async () => {
    const packages = { ...peers, ...TYPESCRIPT };
    await installLibrary(commonjs.folder, tarball, packages, baseEnvironment(folder, path));
    await commonjs.write();
    await module.write({ packages: commonjs.folder, type: "module" });
  });

  test.each(nodes)("is previewed as CommonJS on %s", async (node) => {
    expect(childrenIn(await commonjs.preview(PATHS[node], ["--json"]))).toEqual(CHILDREN);
  });

  test(`is previewed as an ES module on ${nodes[0]}`, async () => {
    expect(childrenIn(await module.preview(path, ["--json"]))).toEqual(CHILDREN);
  });

  test("has types that CommonJS finds in the older way", async () => {
    // Types of zod, which ours are made of, need `esModuleInterop` in the older way only.
    const options = ["--module", "commonjs", "--moduleResolution", "node", "--esModuleInterop"];
    expect(await compile(commonjs, options, { "types.ts": TYPES })).toEqual(succeeded(""));
  });

  test(`has types that an ES module finds as ${resolution}`, async () => {
    const options = ["--module", resolution, "--moduleResolution", resolution];
    const files = { "types.ts": TYPES, "automation.ts": readmeExample().automation };
    expect(await compile(module, options, files)).toEqual(succeeded(""));
  });

  test("has names that an ES module can import when it runs", async () => {
    writeFileSync(join(module.folder, "names.mjs"), NAMES);
    expect(await run(module, path, ["names.mjs"])).toEqual(
      succeeded("function object function function"),
    );
  });

  /** Checks the stack, and other files beside it, as strictly as TypeScript can. */
  function compile(
    place: ReadmeProject,
    options: readonly string[],
    files: Readonly<Record<string, string>>,
  ): Promise<Outcome> {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place.folder, name), text);
    const strict = ["--noEmit", "--strict", "--skipLibCheck", "false", "--target", "es2022"];
    const sources = ["index.ts", ...Object.keys(files)];
    const compiler = "node_modules/typescript/bin/tsc";
    return run(place, path, [compiler, ...strict, "--types", "node", ...options, ...sources]);
  }
});

describe("a user with nothing but what `npm install` brings", () => {
  test("previews the README's stack", async () => {
    const place = await write("bare");
    expect(childrenIn(await place.preview(undefined, ["--json"]))).toEqual(CHILDREN);
  });

  test.each([
    ["atom.lock.json", "lock the images' digests with: atom mirror lock --apply"],
    ["cosign.pub", "make a key pair with: cosign generate-key-pair"],
  ])("is told how to make %s where it is missing", async (file, mend) => {
    const place = await write(`no-${file}`);
    rmSync(join(place.folder, file));
    expect(await errorsOf(place)).toContain(mend);
  });

  test("is told which peer is missing", async () => {
    const packages = join(users, "incomplete");
    layOutWithout("@pulumi/command", packages);
    expect(await errorsOf(await write("no-peer", packages))).toContain(
      "Error: Cannot find module '@pulumi/command'\n",
    );
  });

  test("is told the right name for a wrong one", async () => {
    const place = await write("misspelt");
    writeFileSync(
      join(place.folder, "index.ts"),
      'export { AtomClusters } from "atom-selfhost";\n',
    );
    expect(await errorsOf(place)).toContain("Did you mean 'AtomCluster'?");
  });

  function write(name: string, packages = project): Promise<ReadmeProject> {
    return new ReadmeProject(join(users, name), context).write({ packages });
  }

  async function errorsOf(place: ReadmeProject): Promise<string> {
    const { code, stdout } = await place.preview();
    expect(code).toBe(1);
    return stdout.slice(stdout.indexOf("Diagnostics:"));
  }
});

test("the repository's example is previewed as its README says, without an API server that answers", async () => {
  const example = new ExampleProject(join(users, "repository"), context);
  await example.write();
  const { "pulumi:pulumi:Stack": stack, ...children } = childrenIn(await example.preview());
  expect({ stack, children }).toEqual({
    stack: ["create smallest-dev"],
    children: Object.fromEntries(
      Object.entries(CHILDREN).filter(([parent]) => parent !== "pulumi:pulumi:Stack"),
    ),
  });
});

test.each(["Node 22", "Node 24"])(
  "the repository's own tests pass on %s",
  async (node) => {
    const report = join(users, `${node}.json`);
    const place = { folder: packageRoot(), environment: baseEnvironment(folder, PATHS[node]!) };
    const { stdout: version } = await runCommand("node", ["--version"], place);
    expect(version).toMatch(node.replace("Node ", "v"));
    const argv = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=json",
      "--outputFile",
      report,
    ];
    const { code } = await runCommand("node", argv, { ...place, patience: SUITE_PATIENCE });
    expect({ code, notPassed: notPassedIn(report) }).toEqual({ code: 0, notPassed: [] });
  },
  // The command's own end comes first, and tells why.
  SUITE_PATIENCE + 60_000,
);

/** Every entry of the package; types that were lost would make the wrong region right. */
const TYPES = `
import { AtomCluster } from "atom-selfhost";
import { ALL_RULES } from "atom-selfhost/policy";
import { platformStack } from "atom-selfhost/stacks";
import { recordStack } from "atom-selfhost/testing";

export const entries = [ALL_RULES, platformStack, recordStack];
// @ts-expect-error a region is text
new AtomCluster("eu", { region: 5, source: { context: "prod-eu" } });
`;

const NAMES = `
import { AtomCluster } from "atom-selfhost";
import { ALL_RULES } from "atom-selfhost/policy";
import { platformStack } from "atom-selfhost/stacks";
import { recordStack } from "atom-selfhost/testing";

const names = [AtomCluster, ALL_RULES, platformStack, recordStack];
process.stdout.write(names.map((name) => typeof name).join(" "));
`;

const SERVICES = ["api", "console", "scheduler", "worker"];

/** What the README's stack makes: kinds and names, by the kind of component that they belong to. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  "pulumi:pulumi:Stack": ["create mine-dev"],
  "atom:index:AtomCluster": [
    "create eu",
    "create kubernetes:core/v1:Namespace eu",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy eu-allow-control-plane",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy eu-allow-dns",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy eu-allow-metrics",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy eu-allow-scrapes",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy eu-default-deny",
    "create pulumi:providers:kubernetes eu",
  ],
  "atom:index:RegistryMirror": ["create command:local:Command images-sync", "create images"],
  "atom:index:NodePool": ["create kubernetes:core/v1:ConfigMap workers", "create workers"],
  "atom:index:Tenant": [
    "create acme",
    "create kubernetes:core/v1:LimitRange acme-limits",
    "create kubernetes:core/v1:Namespace acme",
    "create kubernetes:core/v1:ResourceQuota acme-quota",
    "create kubernetes:core/v1:ServiceAccount acme-operator",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy acme-allow-dns",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy acme-allow-ingress",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy acme-allow-metrics",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy acme-allow-same-namespace",
    "create kubernetes:networking.k8s.io/v1:NetworkPolicy acme-default-deny",
    "create kubernetes:rbac.authorization.k8s.io/v1:Role acme-operator",
    "create kubernetes:rbac.authorization.k8s.io/v1:RoleBinding acme-operator",
  ],
  "atom:index:AtomChart": [
    "create acme",
    ...SERVICES.map((service) => `create kubernetes:apps/v1:Deployment acme-${service}`),
    ...SERVICES.map((service) => `create kubernetes:core/v1:ConfigMap acme-${service}`),
    ...SERVICES.map((service) => `create kubernetes:core/v1:Service acme-${service}`),
    ...SERVICES.map((service) => `create kubernetes:core/v1:ServiceAccount acme-${service}`),
    "create kubernetes:networking.k8s.io/v1:Ingress acme-api",
    "create kubernetes:networking.k8s.io/v1:Ingress acme-console",
    "create kubernetes:policy/v1:PodDisruptionBudget acme-api",
  ],
};

function childrenIn({ code, stdout, stderr }: Outcome): Record<string, string[]> {
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
  const children: Record<string, string[]> = {};
  for (const { op, urn } of steps) {
    const [, , chain = "", name = ""] = urn.split("::");
    const [parent = "", type = ""] = chain.split("$");
    (children[parent] ??= []).push(`${op} ${type} ${name}`.replace("  ", " "));
  }
  for (const names of Object.values(children)) names.sort();
  return children;
}

function run(place: ReadmeProject, path: string, argv: readonly string[]): Promise<Outcome> {
  return runCommand("node", argv, {
    folder: place.folder,
    environment: baseEnvironment(folder, path),
  });
}

function succeeded(stdout: string): Outcome {
  return { code: 0, stdout, stderr: "" };
}

/** The installed packages, as if npm had left one out. The library finds its peers from where it lies. */
function layOutWithout(peer: string, into: string): void {
  const from = join(project, "node_modules");
  const to = join(into, "node_modules");
  const namesIn = (scope: string) =>
    readdirSync(join(from, scope)).map((name) => join(scope, name));
  for (const name of namesIn("").flatMap((each) => (each.startsWith("@") ? namesIn(each) : each))) {
    mkdirSync(join(to, name, ".."), { recursive: true });
    if (name === "atom-selfhost") cpSync(join(from, name), join(to, name), { recursive: true });
    else if (name !== peer) symlinkSync(join(from, name), join(to, name));
  }
}

interface SuiteReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** The tests that did not pass, each with why. */
function notPassedIn(report: string): string[] {
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as SuiteReport;
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((each) => each.status !== "passed");
    if (tests.length === 0 && status !== "passed") return [`${name}: ${message}`];
    return tests.map(({ fullName, failureMessages }) => [fullName, ...failureMessages].join("\n"));
  });
}

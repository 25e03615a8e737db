import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readFleet } from "../../lib/fleet/read-fleet";
import { printable } from "../../lib/kubernetes/names";
import { readYamlDocument } from "../../lib/support/yaml-document";
import {
  EXAMPLE,
  exampleFleet,
  linesOf,
  problemsAfter,
  problemsOf,
  temporaryFolder,
} from "./example";
import type { Loose } from "./example";
import { HOSTILE_NAMES } from "../hostile-names";

let folder: string;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => fs.rmSync(folder, { recursive: true }));

test.each(["", "\n", "# nothing yet\n"])("fails for the empty file %j in one word", (text) => {
  const file = path.join(folder, "atom.yaml");
  fs.writeFileSync(file, text);
  expect(linesOf(() => readFleet(file))).toEqual([" - the file is empty"]);
});

describe("the example", () => {
  test("is a fleet of two regions and three tenants", () => {
    const { fleet, ...rest } = readFleet(EXAMPLE);
    expect(rest).toEqual({ path: EXAMPLE, folder: path.dirname(EXAMPLE), overrides: [] });
    expect(fleet.regions.map(({ name }) => name)).toEqual(["eu-west", "us-east"]);
    expect(fleet.images.map(({ name }) => name)).toEqual([
      "api",
      "console",
      "scheduler",
      "worker",
      "selfhost",
    ]);
    expect(fleet.tenants.map(({ name, regions }) => [name, ...regions])).toEqual([
      ["acme", "eu-west", "us-east"],
      ["globex", "eu-west"],
      ["initech", "us-east"],
    ]);
    expect(fleet.tenants.flatMap(({ secrets = [] }) => secrets)).toHaveLength(8);
  });

  test("names files that are there", () => {
    const { clusters, simulation } = exampleFleet();
    const inventories = clusters.flatMap(({ source }) =>
      "inventory" in source ? [source.inventory] : [],
    );
    expect([...inventories, simulation?.secrets]).toEqual(["inventory/hosts.ini", "secrets.yaml"]);
    for (const file of [...inventories, simulation!.secrets!]) {
      expect(fs.existsSync(path.join(path.dirname(EXAMPLE), file))).toBe(true);
    }
  });

  test("opts into the secrets that its seed holds, no more and no fewer", () => {
    const seed = readYamlDocument(path.join(path.dirname(EXAMPLE), "secrets.yaml"), "seed");
    const { secrets } = seed.value as { secrets: { path: string }[] };
    const declared = exampleFleet().tenants.flatMap(({ name, secrets: paths = [] }) =>
      paths.map((secret) => `tenants/${name}/${secret}`),
    );
    expect(declared.sort()).toEqual(secrets.map((secret) => secret.path).sort());
  });
});

describe("a field", () => {
  test.each<[string, (fleet: Loose) => void, string[]]>([
    [
      "unknown at the top",
      (f) => (f.tennants = {} as Loose),
      [' - line 78: unknown key "tennants"; did you mean "tenants"?'],
    ],
    [
      "unknown below",
      (f) => (f.regions![0]!.domian = "x" as never),
      [' - regions[0] (line 11): unknown key "domian"; did you mean "domain"?'],
    ],
    [
      "missing",
      (f) => delete f.vault!.mount,
      [" - vault.mount (line 70): missing; a string is required"],
    ],
    [
      "a number for a text",
      (f) => (f.release = 7.2 as never),
      [" - release (line 2): expected a string, received a number; put it in quotes"],
    ],
    [
      "a text for a number",
      (f) => (f.clusters![0]!.nodePool!.nodes = "s3cret" as never),
      [" - clusters[0].nodePool.nodes (line 28): expected a number, received a string"],
    ],
    [
      "a word for a truth",
      (f) => (f.tenants![2]!.services!.api = { enabled: "yes" } as never),
      [
        " - tenants[2].services.api.enabled (line 136): expected a boolean, received a string; write true or false, without quotes",
      ],
    ],
    [
      "a list for a map",
      (f) => (f.vault = [] as never),
      [" - vault (line 69): expected an object, received a list"],
    ],
    [
      "another version",
      (f) => (f.version = 2 as never),
      [" - version (line 1): expected 1, received a number"],
    ],
  ])("fails when it is %s", (_, change, problems) => {
    const lines = (text: string) => text.replace(/line \d+/, "line N");
    expect(problemsAfter(change).map(lines)).toEqual(problems.map(lines));
  });

  test("misspelt hides nothing of what the sound parts have between them", () => {
    const lines = problemsAfter((fleet) => {
      fleet.relase = fleet.release!;
      delete fleet.release;
      fleet.clusters![1]!.region = "us-eats" as never;
      fleet.tenants![1]!.regions = ["asia"] as never;
      fleet.vault!.secondary = fleet.vault!.primary!;
    });
    expect(lines.map((line) => line.replace(/ \(?line \d+\)?/, ""))).toEqual([
      " - release: missing; a string is required",
      ' -: unknown key "relase"; did you mean "release"?',
      ' - clusters[1].region: unknown region "us-eats"; did you mean "us-east"?',
      ' - regions[1].name: region "us-east" needs exactly one cluster, and has none',
      ' - tenants[1].regions[0]: unknown region "asia"; known: "eu-west", "us-east"',
      " - vault.secondary: the secondary Vault is the primary one; a replica needs a server of its own",
    ]);
  });

  test("that is wrong keeps back only what is told by its own part", () => {
    const lines = problemsAfter((fleet) => {
      fleet.tenants![0]!.quotta = {};
      fleet.tenants![1]!.regions = ["asia"] as never;
      fleet.images![4]!.name = "api" as never;
    });
    expect(lines.map((line) => line.replace(/ \(line \d+\)/, ""))).toEqual([
      ' - tenants[0]: unknown key "quotta"; did you mean "quota"?',
      ' - images[4].name: "api" is already the name of images[0]',
    ]);
  });

  test("fails with every problem at once, each with its own line", () => {
    const text = fs
      .readFileSync(EXAMPLE, "utf8")
      .replace("release: 7.2.0", "release: latest")
      .replace("    domain: us.atom.example", "    domian: us.atom.example\n    colour: red")
      .replace("source: { inventory: inventory/hosts.ini }", "source: { inventry: x }")
      .replace("mount: atom", "mount: sys");
    expect(problemsOf(text)).toEqual([
      ' - release (line 5): release "latest" is no semantic version such as 7.2.0',
      " - regions[1].domain (line 13): missing; a string is required",
      ' - regions[1] (line 14): unknown key "domian"; did you mean "domain"?',
      ' - regions[1] (line 15): unknown key "colour"; known: "name", "domain", "values"',
      " - clusters[0].source (line 25): name exactly one source: { context: NAME }, { inventory: PATH } or { simulate: { masters: 1, workers: 2 } }",
      ' - vault.mount (line 46): mount "sys" is kept by Vault for itself',
    ]);
  });

  test.each(["[]", "a fleet", "42", "null"])("fails on a file with %j", (text) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining("expected an object, received")]);
  });
});

describe("a hostile name", () => {
  const names = [
    ...HOSTILE_NAMES,
    "\u0430cme",
    "acme\u202e",
    "a".repeat(64),
    "a".repeat(253),
    "a".repeat(254),
    "acme.",
    "acme-",
    "Acme",
    "default",
    "kube-system",
    "__proto__",
    "constructor-",
  ];
  const places: [string, string, (fleet: Loose, name: string) => void][] = [
    ["tenant", "tenants[0].name", (f, name) => (f.tenants![0]!.name = name as never)],
    ["region", "regions[0].name", (f, name) => (f.regions![0]!.name = name as never)],
    ["cluster", "clusters[0].name", (f, name) => (f.clusters![0]!.name = name as never)],
    ["image", "images[0].name", (f, name) => (f.images![0]!.name = name as never)],
    [
      "pool",
      "clusters[0].nodePool.name",
      (f, name) => (f.clusters![0]!.nodePool!.name = name as never),
    ],
  ];
  const cases = places.flatMap(([what, field, change]) =>
    names.map((name) => [what, name, field, change] as const),
  );

  test.each(cases)("fails as a %s: %.30j", (_, name, field, change) => {
    const problems = problemsAfter((fleet) => change(fleet, name));
    expect(problems).toEqual([expect.stringMatching(/^ - [^ ]+ \(line \d+\): /)]);
    expect(problems[0]).toContain(` - ${field} (line `);
    // One line of ASCII, whatever the name held.
    expect(problems[0]).toMatch(/^[\x20-\x7e]+$/);
  });

  test.each(names.filter((name) => name !== "__proto__"))("fails as a service: %.30j", (name) => {
    const problems = problemsAfter((f) => (f.tenants![1]!.services = { [name]: {} } as never));
    expect(problems).toEqual([
      expect.stringMatching(/^ - tenants\[1\]\.services\S.* \(line \d+\): /),
    ]);
    expect(problems[0]).toMatch(/^[\x20-\x7e]+$/);
  });

  test("fails as a service: __proto__", () => {
    const text = fs.readFileSync(EXAMPLE, "utf8").replace("      reports: ", "      __proto__: ");
    expect(problemsOf(text)).toEqual([
      " - tenants[0].services.__proto__ (line 56): a key may not have this name",
    ]);
  });

  test.each(["-rf", "a b", "$(id)", "x\ny", "", "--kubeconfig=/x"])(
    "fails as a context: %j",
    (name) => {
      const problems = problemsAfter((f) => (f.clusters![0]!.source = { context: name } as never));
      expect(problems).toEqual([
        expect.stringMatching(/^ - clusters\[0\]\.source[.\w]* \(line \d+\): /),
      ]);
    },
  );

  test.each(["-rf", "--inventory=x", "a\nb", "a\0b"])("fails as an inventory: %j", (name) => {
    const text = fs
      .readFileSync(EXAMPLE, "utf8")
      .replace("inventory/hosts.ini", JSON.stringify(name));
    expect(problemsOf(text)).toHaveLength(1);
  });

  test("may be like another one", () => {
    const problems = problemsAfter((f) => {
      f.tenants![0]!.name = "t1" as never;
      f.tenants![1]!.name = "t10" as never;
    });
    expect(problems).toEqual([]);
  });
});

describe("a password", () => {
  const canary = "hunter2-canary";
  test.each<[string, (fleet: Loose) => void]>([
    [
      "in an address",
      (f) => (f.vault!.primary = `https://root:${canary}@vault.example:8200` as never),
    ],
    ["in a bad address", (f) => (f.vault!.primary = `vault://${canary}` as never)],
    ["in a registry", (f) => (f.registry!.target = `user:${canary}@registry.example` as never)],
    ["for a number", (f) => (f.tenants![0]!.quota!.pods = canary as never)],
    [
      "in the environment of a service",
      (f) => (f.tenants![2]!.services!.api = { env: { PASSWORD: { [canary]: 1 } } } as never),
    ],
    ["for a map", (f) => (f.vault = canary as never)],
  ])("%s fails and is not repeated", (_, change) => {
    const problems = problemsAfter(change);
    expect(problems).not.toEqual([]);
    expect(problems.join("\n")).not.toContain(canary);
  });
});

describe("a file", () => {
  test("is read with the environment over it, paths from the working directory", () => {
    const key = path.join(folder, "cosign.key");
    const { fleet, overrides } = readFleet(EXAMPLE, {
      ANSIBLE_INVENTORY: path.relative(
        process.cwd(),
        path.join(path.dirname(EXAMPLE), "other/hosts.ini"),
      ),
      COSIGN_KEY_PATH: key,
      HOME: "/root",
    });
    expect(fleet.clusters[0]!.source).toEqual({ inventory: "other/hosts.ini" });
    expect(fleet.signing).toEqual({ privateKey: key });
    expect(overrides).toEqual([
      { variable: "ANSIBLE_INVENTORY", path: "clusters[0].source" },
      { variable: "COSIGN_KEY_PATH", path: "signing.privateKey" },
    ]);
  });

  test("V11 fails when a variable makes the secondary Vault the primary one", () => {
    const environment = { VAULT_SECONDARY_ADDR: "https://vault-a.atom.example:8200/" };
    expect(linesOf(() => readFleet(EXAMPLE, environment))).toEqual([
      " - vault.secondary: the secondary Vault is the primary one; a replica needs a server of its own",
    ]);
  });

  test("fails when it is not there", () => {
    const none = path.join(folder, "none.yaml");
    expect(linesOf(() => readFleet(none))).toEqual([" - there is no such file"]);
  });

  test("S10 is read with 10,000 tenants", () => {
    const { tenants, ...rest } = exampleFleet();
    const many = Array.from({ length: 10_000 }, (_, n) => ({ ...tenants[n % 3]!, name: `t${n}` }));
    const file = path.join(folder, "many.yaml");
    fs.writeFileSync(file, JSON.stringify({ ...rest, tenants: many }));
    expect(linesOf(() => readFleet(file))).toEqual([
      expect.stringMatching(/^ - the file has \d+ bytes; at most 1048576 are allowed$/),
    ]);
    const limits = { maxBytes: 2 ** 24, maxValues: 1_000_000 };
    expect(readFleet(file, {}, limits).fleet.tenants).toEqual(many);
  });
});

test("a message shows a name as JSON", () => {
  const problems = problemsAfter((f) => (f.tenants![0]!.name = "a\u202eb" as never));
  expect(problems[0]).toContain(printable("a\u202eb"));
});

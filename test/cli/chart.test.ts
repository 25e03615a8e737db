import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { beforeEach, describe, expect, test } from "vitest";
import { renderHelmValues } from "../../lib/chart/helm-values";
import { packageChart } from "../../lib/chart/package";
import { writeImageLock } from "../../lib/registry/mirror/lock-file";
import { recordFleet } from "../../lib/simulation/chart-step";
import { renderedObjects } from "../../lib/simulation/rendered-objects";
import { tempFolder } from "../doubles/temp-folder";
import { exampleInputs } from "../example-fleet";
import { atom, smallFleet, writeFleet } from "./atom";
import { lockFor } from "./lock-for";

let folder: string;
let fleet: string;
beforeEach(() => {
  folder = tempFolder();
  fleet = writeFleet(folder);
  writeImageLock(join(folder, "atom.lock.json"), lockFor(smallFleet()));
});

const render = (...argv: string[]) => atom(["chart", "render", fleet, ...argv]);
const acme = ["--tenant", "acme", "--region", "eu-west"];

function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

describe("atom chart render", () => {
  test("prints the tenant's manifests", async () => {
    const { code, out, error } = await render(...acme);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const objects = documentsOf(out) as { kind: string; metadata: { namespace: string } }[];
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set(["tenant-acme"]),
    );
    expect(objects.filter(({ kind }) => kind === "Deployment")).toHaveLength(4);
    expect(out).toContain("vaultAddress: https://vault-b.atom.example:8200");
  });

  test("writes the same objects with --out", async () => {
    const printed = documentsOf((await render(...acme)).out);
    const out = join(folder, "rendered");
    const { code } = await render(...acme, "--out", out);
    expect(code).toBe(0);
    const written = readdirSync(out)
      .sort()
      .flatMap((name) => documentsOf(readFileSync(join(out, name), "utf8")));
    expect(written).toHaveLength(printed.length);
    expect(written).toEqual(expect.arrayContaining(printed));
  });

  test("leaves no file of an earlier render that has nothing in it any more", async () => {
    const out = join(folder, "again");
    mkdirSync(out);
    for (const name of ["30-ingress.yaml", "notes.txt"]) writeFileSync(join(out, name), "");
    const off = { ingress: { enabled: false } };
    const declared = smallFleet() as { tenants: { services?: object }[] };
    for (const tenant of declared.tenants) tenant.services = { api: off, console: off };
    fleet = writeFleet(folder, declared);
    expect((await render(...acme, "--out", out)).code).toBe(0);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(["00-policy.yaml", "notes.txt"]));
    expect(readdirSync(out)).not.toContain("30-ingress.yaml");
  });

  test("fails without a lock and names the command that makes it", async () => {
    fleet = writeFleet(tempFolder());
    const { code, error } = await render(...acme);
    expect(code).toBe(2);
    expect(error).toContain("atom mirror lock --apply");
  });

  test.each([
    [["--tenant", "acmee", "--region", "eu-west"], 'unknown tenant "acmee"; did you mean "acme"?'],
    [
      ["--tenant", "acme", "--region", "eu-wst"],
      'unknown region "eu-wst"; did you mean "eu-west"?',
    ],
    [["--tenant", "acme"], "required option '--region <name>' not specified"],
  ])("fails for %j", async (argv, words) => {
    const { code, out, error } = await render(...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(words);
  });
});

test("renders for every tenant of the example exactly what its stack applies", async () => {
  const inputs = await exampleInputs();
  writeImageLock(join(folder, "atom.lock.json"), inputs.images);
  fleet = writeFleet(folder, { ...inputs.fleet });
  let compared = 0;
  for await (const { stack, resources } of recordFleet(inputs)) {
    const [kind, tenant, region] = stack.split(".");
    if (kind !== "tenant") continue;
    const applied = renderedObjects(
      // What the chart's component registered; the tenant's boundary is another component's.
      resources.filter(({ parent }) => parent?.includes("AtomChart") ?? false),
    );
    const { out } = await render("--tenant", tenant!, "--region", region!);
    const printed = documentsOf(out);
    expect(applied.length).toBeGreaterThan(5);
    expect(printed).toHaveLength(applied.length);
    expect(printed).toEqual(expect.arrayContaining(applied));
    compared += 1;
  }
  expect(compared).toBe(4);
});

describe("atom chart values", () => {
  const values = (...argv: string[]) => atom(["chart", "values", fleet, ...acme, ...argv]);

  test("prints what the chart makes the same render of", async () => {
    const { code, out, error } = await values();
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const objects = renderHelmValues(parse(out));
    expect(objects).toEqual(documentsOf((await render(...acme)).out));
  });

  test("prints the same as JSON", async () => {
    expect(JSON.parse((await values("--json")).out)).toEqual(parse((await values()).out));
  });

  test("fails for a tenant that is not there", async () => {
    const { code, out } = await atom([
      "chart",
      "values",
      fleet,
      "--tenant",
      "acmee",
      "--region",
      "eu-west",
    ]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});

describe("atom chart package", () => {
  const chart = packageChart();

  test("prints the digest and nothing else on standard output", async () => {
    expect(await atom(["chart", "package"])).toEqual({
      code: 0,
      out: `${chart.digest}\n`,
      error: "nothing was written; use --out FOLDER to write it\n",
    });
  });

  test("prints what it is called with --json", async () => {
    const { code, out } = await atom(["chart", "package", "--json"]);
    expect({ code, about: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      about: {
        name: "services",
        version: chart.version,
        repository: "atom/charts/services",
        digest: chart.digest,
      },
    });
  });

  test("refuses a folder that holds what is not the chart's", async () => {
    const out = join(folder, "mixed");
    mkdirSync(join(out, "services/templates"), { recursive: true });
    writeFileSync(join(out, "services/templates/old.yaml"), "");
    const { code, error } = await atom(["chart", "package", "--out", out]);
    expect(code).toBe(2);
    expect(error).toContain("it holds files that are not the chart's: templates/old.yaml");
    expect(readdirSync(out)).toEqual(["services"]);
  });

  test("fails for a file in the folder's place, and says what to do", async () => {
    const out = join(folder, "taken");
    writeFileSync(out, "");
    expect(await atom(["chart", "package", "--out", out])).toEqual({
      code: 2,
      out: "",
      error: `Invalid file:\n - ${join(out, "services")}: cannot be written (ENOTDIR); move away what has its name\n`,
    });
  });

  test("writes the chart's folder and its archive with --out", async () => {
    const out = join(folder, "chart");
    const { code, error } = await atom(["chart", "package", "--out", out]);
    expect({ code, error }).toEqual({
      code: 0,
      error: `${chart.files.length} files of services ${chart.version} written to ${join(out, "services")}\n`,
    });
    const written = readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(out, join(entry.parentPath ?? entry.path, entry.name)))
      .sort();
    const files = chart.files.map(({ name }) => `services/${name}`);
    expect(written).toEqual([`services-${chart.version}.tgz`, ...files].sort());
    for (const { name, text } of chart.files) {
      expect(readFileSync(join(out, "services", name), "utf8")).toBe(text);
    }
    expect(
      readFileSync(join(out, `services-${chart.version}.tgz`)).equals(chart.archive.bytes),
    ).toBe(true);
  });
});

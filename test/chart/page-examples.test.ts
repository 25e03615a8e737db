import { execFile } from "node:child_process";
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { chartDefaults } from "../../lib/chart/defaults";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { readFleet } from "../../lib/fleet/read-fleet";
import { renderTenantChart } from "../../lib/fleet/tenant-chart";
import { lockFor } from "../cli/lock-for";
import { EXAMPLE_FLEET, temporaryFolder } from "../example-fleet";

const PAGE = readFileSync("docs/components/atom-chart.md", "utf8");
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** The code below a heading of the page. */
function examples(heading: string): string[] {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^```[a-z]+\n(.*?)^```$/gms)].map(([, code]) => code!);
}

interface Entry {
  readonly name: string;
  readonly services?: object;
}
type Lists = Readonly<Record<string, Entry[]>>;

/** The example fleet with lines added to its lists, and to an entry that is there already. */
function exampleFleetWith(lines: string) {
  const fleet = parse(readFileSync(EXAMPLE_FLEET, "utf8")) as Lists;
  const lists = Object.entries(parse(lines) as Lists).map(([list, added]): [string, Entry[]] => {
    const before = fleet[list]!;
    const known = before.map((entry) => {
      const more = added.find(({ name }) => name === entry.name);
      return more ? { ...entry, services: { ...entry.services, ...more.services } } : entry;
    });
    const names = before.map(({ name }) => name);
    return [list, [...known, ...added.filter(({ name }) => !names.includes(name))]];
  });
  const path = join(folder, "atom.yaml");
  writeFileSync(path, stringify({ ...fleet, ...Object.fromEntries(lists) }));
  return readFleet(path).fleet;
}

/** A tenant's objects, after lines were added to the fleet file. */
function rendered(lines: string, tenant: string): readonly KubernetesObject[] {
  const fleet = exampleFleetWith(lines);
  return renderTenantChart(fleet, lockFor(fleet), { tenant, region: "eu-west" });
}

/** Puts each line of code where the comment behind it says: `// <file>, in <what>`. */
function paste(code: string): void {
  for (const line of code.trimEnd().split("\n")) {
    const [, text, file, place] = /^(.*) \/\/ (\S+), in (\w+)$/.exec(line)!;
    const path = join(folder, file!);
    const source = readFileSync(path, "utf8");
    const opened = new RegExp(`^.*\\b${place}\\b.*\\{$`, "m");
    expect(source).toMatch(opened);
    writeFileSync(
      path,
      source.replace(opened, (head) => `${head}\n${text}`),
    );
  }
}

/** What a program in Node prints. */
function run(...argv: string[]): Promise<string> {
  return new Promise((resolve) =>
    execFile(process.execPath, argv, { cwd: folder }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  );
}

test("the README leads to the page", () => {
  expect(readFileSync("README.md", "utf8")).toContain("](docs/components/atom-chart.md)");
});

describe("the page's example", () => {
  test.each([
    ["Add a service", 2],
    ["Add a tenant", 1],
    ["Add a value", 1],
  ])("%s has less than ten lines", (heading, count) => {
    const lengths = examples(heading).map((code) => code.trimEnd().split("\n").length);
    expect(lengths).toHaveLength(count);
    expect(Math.max(...lengths)).toBeLessThan(10);
  });

  test("Add a service makes it for one tenant, with its address", () => {
    const own = rendered(examples("Add a service")[0]!, "acme").filter(
      ({ metadata }) => metadata.name === "search",
    );
    expect(own.map(({ kind }) => kind)).toEqual([
      ...["ServiceAccount", "ConfigMap", "Deployment", "Service", "Ingress"],
    ]);
    expect(own.at(-1)).toMatchObject({
      spec: {
        rules: [{ host: "search.acme.eu.atom.example", http: { paths: [{ path: "/search" }] } }],
      },
    });
  });

  test("Add a tenant makes its services, more workers and no console", () => {
    const deployments = rendered(examples("Add a tenant")[0]!, "umbrella")
      .filter(({ kind }) => kind === "Deployment")
      .map(({ metadata, spec }) => [metadata.name, (spec as { replicas: number }).replicas]);
    expect(deployments).toEqual([
      ["api", 2],
      ["scheduler", 1],
      ["worker", 3],
    ]);
  });

  test("Add a value, and one of a service for all, compile and are in the render and in Helm's chart", async () => {
    cpSync("lib", join(folder, "lib"), { recursive: true });
    cpSync("package.json", join(folder, "package.json"));
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    paste(examples("Add a service")[1]!);
    paste(examples("Add a value")[0]!);
    writeFileSync(join(folder, "shown.ts"), SHOWN);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: resolve("tsconfig.json"), include: [], files: ["shown.ts"] }),
    );
    expect(await run("node_modules/typescript/bin/tsc", "--rootDir", ".")).toBe("");
    expect(JSON.parse(await run("--import", "tsx", "shown.ts"))).toEqual({
      pods: { ...Object.fromEntries([...SERVICES, "search"].map((name) => [name, 30])), api: 5 },
      files: [
        "README.md",
        "templates/_helpers.tpl",
        "templates/deployment.yaml",
        "values.schema.json",
        "values.yaml",
      ],
    });
  }, 120_000);
});

const SERVICES = Object.keys(chartDefaults.services);

/** Prints how long each pod has to end, and the files of the chart that know of it. */
const SHOWN = `
import { parse } from "yaml";
import { helmChart } from "./lib/chart/helm-chart";
import { renderHelmValues } from "./lib/chart/helm-values";

const { files } = helmChart();
const ci = files.find(({ name }) => name === "ci/default-values.yaml")!;
const pods = renderHelmValues({
  ...(parse(ci.text) as object),
  services: { api: { graceSeconds: 5 } },
})
  .filter(({ kind }) => kind === "Deployment")
  .map(({ metadata, spec }) => [
    metadata.name,
    (spec as any).template.spec.terminationGracePeriodSeconds,
  ]);
const known = files.filter(({ text }) => text.includes("graceSeconds")).map(({ name }) => name);
process.stdout.write(JSON.stringify({ pods: Object.fromEntries(pods), files: known }));
`;

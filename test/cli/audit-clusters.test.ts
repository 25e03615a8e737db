import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { PolicyMatrix } from "../../lib/policy/matrix";
import { tempFolder } from "../doubles/temp-folder";
import { atom, inFolder } from "./atom";

const RENDERED = join(__dirname, "../../reports/rendered");
const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "api", namespace: "tenant-acme" },
};
const HINT =
  "the folders eu, us have 1 object name in common; if each folder is a cluster, add --cluster-per-folder\n";

let folder: string;
beforeEach(() => {
  folder = tempFolder();
  write("clusters/eu/acme/api.json", { ...SERVICE, spec: { type: "ClusterIP" } });
  write("clusters/us/api.json", { ...SERVICE, spec: { type: "NodePort" } });
});

function write(name: string, content: object): void {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, JSON.stringify(content, null, 2));
}

const audit = (...argv: string[]) => inFolder(folder, () => atom(["audit", ...argv]));

describe("atom audit --cluster-per-folder", () => {
  test("finds nothing wrong with a rendered fleet of two regions", async () => {
    const { code, out, error } = await atom(["audit", RENDERED, "--cluster-per-folder", "--json"]);
    const taken = "taken for 2 clusters: the folders eu-west, us-east\n";
    expect({ code, error }).toEqual({ code: 0, error: taken });
    const { clusters } = JSON.parse(out) as PolicyMatrix;
    expect(clusters.map(({ cluster, findings }) => [cluster, findings])).toEqual([
      ["eu-west", []],
      ["us-east", []],
    ]);
  });

  test("judges objects of one name apart, each with its own file", async () => {
    const { code, out, error } = await audit(
      "clusters",
      "--cluster-per-folder",
      "--format",
      "sarif",
    );
    const taken = "taken for 2 clusters: the folders eu, us\n";
    expect({ code, error }).toEqual({ code: 1, error: taken });
    const { runs } = JSON.parse(out) as Sarif;
    const rules = runs[0].results.map(({ ruleId }) => ruleId);
    expect(rules).not.toContain("P5-7");
    expect(runs[0].results.find(({ ruleId }) => ruleId === "P1-NET-5")).toMatchObject({
      properties: { cluster: "us" },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "clusters/us/api.json" },
            region: { startLine: 9 },
          },
        },
      ],
    });
  });

  test("takes folders of one name in several paths for clusters that the paths tell apart", async () => {
    write("more/us/web.json", { ...SERVICE, metadata: { name: "web", namespace: "tenant-acme" } });
    const clustersOf = async (...paths: string[]) => {
      const { out } = await audit(...paths, "--cluster-per-folder", "--json");
      const { clusters } = JSON.parse(out) as PolicyMatrix;
      return clusters.map(({ cluster }) => cluster).sort();
    };
    expect(await clustersOf("clusters", "more")).toEqual(["clusters/us", "eu", "more/us"]);
    expect(await clustersOf("clusters/", join(folder, "more"))).toEqual([
      "clusters/us",
      "eu",
      "more/us",
    ]);
    expect(await clustersOf("clusters", "./clusters")).toEqual(["eu", "us"]);
  });

  test.each([
    [["clusters/us", "--cluster-per-folder"], "clusters/us/api.json"],
    [["clusters/us/api.json", "--cluster-per-folder"], "clusters/us/api.json"],
  ])("fails for a file of no folder: %j", async (argv, path) => {
    expect(await audit(...argv)).toEqual({
      code: 2,
      out: "",
      error: `Invalid audit with --cluster-per-folder:\n - ${path}: lies in no folder below a path that was named, so it is of no cluster; no folder is taken for a cluster; if clusters/us is one, name the folder above: clusters\n`,
    });
  });

  test("fails for a file beside the clusters' folders, and names those", async () => {
    write("clusters/values.json", { ...SERVICE });
    expect(await audit("clusters", "--cluster-per-folder")).toEqual({
      code: 2,
      out: "",
      error:
        "Invalid audit with --cluster-per-folder:\n - clusters/values.json: lies in no folder below a path that was named, " +
        "so it is of no cluster; all else lies in the folders eu, us; put it into one of them, or name other paths\n",
    });
  });

  test("says so where the folder that was named is a level too high", async () => {
    const { error } = await audit(".", "--cluster-per-folder");
    expect(error).toBe(
      "taken for 1 cluster: the folder clusters\n" +
        "the folders clusters/eu, clusters/us have 1 object name in common; if each of them is a cluster, name clusters instead\n",
    );
  });

  test("says so where it is a level too deep", async () => {
    write("clusters/eu/beta/web.json", {
      ...SERVICE,
      metadata: { name: "web", namespace: "tenant-beta" },
    });
    const { error } = await audit("clusters/eu", "--cluster-per-folder");
    expect(error).toBe(
      "taken for 2 clusters: the folders acme, beta\n" +
        "no two of them have an object name in common; if they are parts of one cluster, name the folder above: clusters\n",
    );
  });

  test.each([["--cluster", "eu"], ["--live"]])("fails beside %s", async (...argv) => {
    const { code, error } = await audit("clusters", "--cluster-per-folder", ...argv);
    expect(code).toBe(2);
    expect(error).toContain("cannot be used with");
  });
});

interface Sarif {
  readonly runs: readonly [{ readonly results: readonly { readonly ruleId: string }[] }];
}

describe("atom audit of folders that seem to be clusters", () => {
  test.each(["table", "json", "sarif", "junit", "oscal"])("says so beside %s", async (format) => {
    const { code, error } = await audit("clusters", "--format", format);
    expect({ code, error }).toEqual({ code: 1, error: HINT });
  });

  test("names folders of one name by their paths", async () => {
    write("more/us/api.json", SERVICE);
    expect((await audit("clusters/us/api.json", "clusters", "more")).error).toBe(
      HINT.replace("eu, us", "clusters/us, eu, more/us"),
    );
  });

  test("says which path to name where they lie deeper", async () => {
    expect((await audit(".")).error).toBe(
      "the folders clusters/eu, clusters/us have 1 object name in common; " +
        "if each folder is a cluster, name clusters and add --cluster-per-folder\n",
    );
  });

  test("says nothing where no name stands in two folders", async () => {
    write("clusters/us/api.json", {
      ...SERVICE,
      metadata: { name: "web", namespace: "tenant-acme" },
    });
    expect((await audit("clusters")).error).toBe("");
    expect((await audit("clusters/us", "clusters/eu")).error).toBe("");
  });
});

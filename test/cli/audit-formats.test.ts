import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { atom, inFolder } from "./atom";

/** Each `#!` stands in a line that a finding points at: where its field is, or would be. */
const NAMESPACE = `# made by hand
---
apiVersion: v1 #! Namespace tenant-acme
kind: Namespace
metadata:
  name: tenant-acme
  labels: { atom.cloud/tenant: acme }
...
---
# nothing
`;
const LIST = `
kind: List
apiVersion: v1
items:
  - kind: Service
    apiVersion: v1
    metadata: { name: one, namespace: tenant-acme }
    spec:
      type: NodePort #! one spec.type
  - kind: Service
    apiVersion: v1
    metadata: { name: two, namespace: tenant-acme }
    spec:
      externalIPs: #! two spec.externalIPs
        - 192.0.2.1
`;
const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "three", namespace: "tenant-acme" },
  spec: { type: "ExternalName", externalName: "db.tenant-beta.svc.cluster.local" },
};

let folder: string;
beforeEach(() => {
  folder = tempFolder();
  mkdirSync(join(folder, "in a folder"));
  writeFileSync(join(folder, "in a folder/a.yaml"), NAMESPACE + LIST);
  writeFileSync(join(folder, "in a folder/b.json"), JSON.stringify(SERVICE, null, 2));
});

const audit = (...argv: string[]) =>
  inFolder(folder, () => atom(["audit", "in a folder", ...argv]));

interface Region {
  readonly startLine: number;
  readonly endLine: number;
}
interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly message: { readonly text: string };
      readonly locations: readonly [
        {
          readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string };
            readonly region: Region;
          };
        },
      ];
    }[];
  }[];
}

/** Where a finding of P1-NET-5 or P1-NET-1 points: `in%20a%20folder/a.yaml 3-7`. */
async function placesOf(subject: string): Promise<string[]> {
  const { runs } = JSON.parse((await audit("--format", "sarif")).out) as Sarif;
  return runs[0]!.results
    .filter(
      ({ ruleId, message }) => /^P1-NET-[15]$/.test(ruleId) && message.text.startsWith(subject),
    )
    .map(({ locations: [{ physicalLocation }] }) => {
      const { startLine, endLine } = physicalLocation.region;
      return `${physicalLocation.artifactLocation.uri} ${startLine}-${endLine}`;
    });
}

const marked = (mark: string) =>
  (NAMESPACE + LIST).split("\n").findIndex((line) => line.endsWith(`#! ${mark}`)) + 1;

describe("atom audit --format", () => {
  test("sarif points at the object's field in its file, also inside of lists", async () => {
    const [namespace, one, two] = [
      marked("Namespace tenant-acme"),
      marked("one spec.type"),
      marked("two spec.externalIPs"),
    ];
    const file = "in%20a%20folder/a.yaml";
    expect(await placesOf("Namespace tenant-acme")).toEqual([
      `${file} ${namespace}-${namespace + 4}`,
    ]);
    expect(await placesOf("Service tenant-acme/one")).toEqual([`${file} ${one}-${one}`]);
    expect(await placesOf("Service tenant-acme/two")).toEqual([`${file} ${two}-${two + 1}`]);
  });

  test("sarif points into JSON", async () => {
    expect(await placesOf("Service tenant-acme/three")).toEqual(["in%20a%20folder/b.json 10-10"]);
  });

  test("table names the file and the line", async () => {
    const { out } = await audit();
    const row = out.split("\n").find((line) => line.includes("Service tenant-acme/one"));
    expect(row!.split(/ {2,}/)[4]).toBe(
      `${join("in a folder", "a.yaml")}:${marked("one spec.type")}`,
    );
  });

  test.each(["table", "json", "sarif", "junit", "oscal"])(
    "%s is whole, fails, and is the same for the same files",
    async (format) => {
      const first = await audit("--format", format);
      expect(first).toMatchObject({ code: 1, error: "" });
      expect(first.out.endsWith("\n")).toBe(true);
      if (format === "junit") expect(first.out).toMatch(/<\/testsuites>\n$/);
      else if (format !== "table") expect(() => JSON.parse(first.out) as unknown).not.toThrow();
      expect(await audit("--format", format)).toEqual(first);
    },
  );

  test("json is what --json prints", async () => {
    expect(await audit("--format", "json")).toEqual(await audit("--json"));
  });

  test.each([
    [["--format", "xml"], "Allowed choices are table, json, sarif, junit, oscal"],
    [["--format", "sarif", "--json"], "cannot be used with"],
  ])("fails for %j", async (argv, words) => {
    const { code, out, error } = await audit(...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(words);
  });

  test("--out writes the report into a file and says what it came to", async () => {
    const { out: expected } = await audit("--format", "sarif");
    const { code, out } = await audit("--format", "sarif", "--out", "new/audit.sarif");
    expect(code).toBe(1);
    expect(out).toMatch(/^new\/audit\.sarif: .+: [0-9]+ violations\n$/);
    expect(readFileSync(join(folder, "new/audit.sarif"), "utf8")).toBe(expected);
    expect(readdirSync(join(folder, "new"))).toEqual(["audit.sarif"]);
  });

  test.each(["table", "json", "sarif"])("fails where --out is the format %s", async (format) => {
    expect(await audit("-o", format)).toEqual({
      code: 2,
      out: "",
      error: `Invalid audit:\n - --out ${format}: is a format; did you mean --format ${format}?\n`,
    });
  });

  test("fails where --out is a file to audit, which stays as it is", async () => {
    const { code, error } = await audit("--out", "./in a folder/a.yaml");
    expect(code).toBe(2);
    expect(error).toContain("is one of the files to audit");
    expect(readFileSync(join(folder, "in a folder/a.yaml"), "utf8")).toBe(NAMESPACE + LIST);
  });

  test("fails where --out is the fleet file", async () => {
    const { code, error } = await audit("--fleet", "atom.yaml", "--out", "./atom.yaml");
    expect(code).toBe(2);
    expect(error).toContain("--out ./atom.yaml: is the fleet file");
  });

  test("fails where --out names a folder", async () => {
    const { code, error } = await audit("--out", "in a folder");
    expect(code).toBe(2);
    expect(error).toBe(
      "Invalid file:\n - in a folder: cannot be written (EISDIR); move away what has its name\n",
    );
  });
});

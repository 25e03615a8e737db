import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { fleetSchema } from "../../lib/fleet/schema";
import { renderTenantChart } from "../../lib/fleet/tenant-chart";
import type { PolicyMatrix } from "../../lib/policy/matrix";
import { ALL_RULES } from "../../lib/policy/rules";
import { toYaml } from "../../lib/support/yaml-writer";
import { planTenant } from "../../lib/tenant/plan";
import { tempFolder } from "../doubles/temp-folder";
import { atom, inFolder, smallFleet, writeFleet } from "./atom";
import { lockFor } from "./lock-for";

const fleet = fleetSchema.parse(smallFleet());
const quota = { cpu: "8", memory: "16Gi" };
const place = { name: "acme", region: "eu-west", cluster: "eu-prod" };
const good = [
  ...planTenant({ ...place, quota, platformNamespace: "atom-platform" }).objects,
  ...renderTenantChart(fleet, lockFor(smallFleet()), { tenant: "acme", region: "eu-west" }),
];
/** No metrics, no limits, no probe, root: several rules at once. */
const bad = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "bad", namespace: "tenant-acme" },
  spec: {
    selector: { matchLabels: { app: "bad" } },
    template: {
      metadata: { labels: { app: "bad" } },
      spec: {
        containers: [{ name: "bad", image: "bad:latest", securityContext: { privileged: true } }],
      },
    },
  },
};

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

function write(name: string, content: string | object): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

async function matrixOf(...argv: string[]): Promise<PolicyMatrix> {
  return JSON.parse((await atom(["audit", ...argv, "--json"])).out) as PolicyMatrix;
}
const objectsIn = (matrix: PolicyMatrix) =>
  new Set(matrix.clusters.flatMap(({ findings }) => findings.map(({ object }) => object)));

const escaped = (text: string) => text.replace(/[.|]/g, "\\$&");

describe("atom audit", () => {
  test("finds nothing wrong with what this library renders", async () => {
    const { code, out, error } = await atom(["audit", write("all.yaml", toYaml(good))]);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(
      new RegExp(
        `^${good.length} objects in 1 file, [0-9]+ of ${ALL_RULES.length} rules had something to look at ` +
          "\\([0-9]+ things\\): no violation\n$",
      ),
    );
  });

  test("fails for a bad manifest with rule, object, field, finding and mend", async () => {
    const path = write("all.yaml", toYaml([...good, bad]));
    const { code, out } = await atom(["audit", path]);
    expect(code).toBe(1);
    const [heading, ...rows] = out.split("\n");
    expect(heading).toMatch(/^severity +rule +object +field +place +finding +how to mend it$/);
    const own = rows.filter((row) => row.includes("Deployment tenant-acme/bad"));
    expect(own.length).toBeGreaterThan(1);
    for (const row of own) expect(row.split(/ {2,}/).length).toBeGreaterThanOrEqual(4);
    expect(out).toMatch(/: [0-9]+ violations?\n$/);
  });

  test("prints the matrix with --json, under the cluster's name", async () => {
    const matrix = await matrixOf(write("bad.json", bad), "--cluster", "eu-prod");
    expect(matrix.clusters.map(({ cluster }) => cluster)).toEqual(["eu-prod"]);
    expect(matrix.outcome).toBe("violation");
    expect(objectsIn(matrix)).toContain("Deployment tenant-acme/bad");
  });

  test("reads the same from a file, a folder, a list and standard input", async () => {
    const expected = await matrixOf(write("one/all.yaml", toYaml([...good, bad])));
    write("two/a/good.yml", toYaml(good));
    write("two/b/bad.json", bad);
    write("two/README.md", "not: [a manifest");
    const list = { apiVersion: "v1", kind: "List", items: [...good, bad] };
    const sources = [
      await matrixOf(join(folder, "two")),
      await matrixOf(join(folder, "two/a"), join(folder, "two/b/bad.json")),
      await matrixOf(write("list.json", list)),
      await matrixOf(write("list.yaml", toYaml([list]))),
      JSON.parse(
        (await atom(["audit", "-", "--json"], { input: toYaml([...good, bad]) })).out,
      ) as PolicyMatrix,
    ];
    for (const matrix of sources) expect(matrix).toEqual(expected);
  });

  test("reads what other tools write: comments, empty documents, file modes, JSON with tabs", async () => {
    const text = [
      "# Source: chart/templates/empty.yaml",
      "---",
      "# Source: chart/templates/config.yaml",
      "---",
      JSON.stringify(bad, null, 2),
      "---",
      "apiVersion: v1",
      "kind: Pod",
      "metadata: { name: modes, namespace: tenant-acme }",
      "spec:",
      "  volumes:",
      "    - name: v",
      "      secret:",
      "        secretName: s",
      "        defaultMode: 0644 # octal",
      "        items:",
      "          - key: k",
      "            path: p",
      "            mode: 0400",
      "  containers: []",
      "...",
      "",
    ].join("\n");
    const matrix = await matrixOf(write("mixed.yaml", text));
    expect(objectsIn(matrix)).toContain("Deployment tenant-acme/bad");
    expect(objectsIn(matrix)).toContain("Pod tenant-acme/modes");
    const tabs = await matrixOf(write("tabs.json", JSON.stringify(bad, null, "\t")));
    expect(objectsIn(tabs)).toContain("Deployment tenant-acme/bad");
  });

  test("fails for bad YAML with one clear error, the file and the line", async () => {
    const path = write("broken.yaml", `${toYaml([bad])}---\nkind: Pod\nspec: [1, 2\nx: y\n`);
    const { code, out, error } = await atom(["audit", write("good.yaml", toYaml(good)), path]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    const line = toYaml([bad]).split("\n").length + 2;
    expect(error).toBe(
      `Invalid manifest ${path}:\n - line ${line}: the [ that opens in column 7 is not closed; ` +
        "close it with ], and indent every line up to there more than its key\n",
    );
  });

  test("fails for broken JSON with the file, the line and the column", async () => {
    const path = write("broken.json", '{\n  "kind": "Pod"\n  "metadata": {}\n}\n');
    expect(await atom(["audit", path])).toEqual({
      code: 2,
      out: "",
      error: `Invalid manifest ${path}:\n - line 3: the file is no whole JSON: a comma or } is missing before column 3\n`,
    });
  });

  test.each([
    ["a missing file", () => join(folder, "no.yaml"), "is not there"],
    ["a folder without manifests", () => folder, "holds no .yaml, .yml or .json file"],
    ["an empty file", () => write("empty.yaml", ""), "holds no Kubernetes object"],
    [
      "comments alone",
      () => write("c.yaml", "---\n# nothing\n---\n"),
      "holds no Kubernetes object",
    ],
    ["half a JSON file", () => write("half.json", '{"kind": "Pod",'), "is no whole JSON"],
    [
      "a key twice",
      () => write("d.json", '{"kind": "Pod", "kind": "Node"}'),
      "for the second time",
    ],
    [
      "a key twice in YAML",
      () => write("d.yaml", "kind: Pod\nkind: Node\n"),
      "for the second time",
    ],
  ])("fails for %s", async (_, make, words) => {
    const { code, out, error } = await atom(["audit", make()]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(words);
  });

  test.each([
    ["deep YAML", "deep.yaml", "[".repeat(5000) + "]".repeat(5000), "nests deeper than 200 levels"],
    ["deep JSON", "deep.json", "[".repeat(5000) + "]".repeat(5000), "nests deeper than 200 levels"],
    [
      "aliases that multiply",
      "bomb.yaml",
      "a: &a [x,x,x,x,x,x,x,x,x,x]\n" +
        [..."bcdefgh"]
          .map((k, i) => `${k}: &${k} [${Array<string>(10).fill(`*${"abcdefg"[i]}`).join(",")}]\n`)
          .join(""),
      "the aliases stand for more than",
    ],
    ["bytes that are no text", "bytes.yaml", "kind: \u0000", "U+0000"],
  ])("fails for %s and stays alive", async (_, name, text, words) => {
    const { code, error } = await atom(["audit", write(name, text)]);
    expect(code).toBe(2);
    expect(error).toContain(words);
  });

  test.each([
    ["values of a chart", "replicas: 1\nimage: { tag: latest }\n"],
    ["a Chart.yaml", "apiVersion: v2\nname: api\nversion: 1.0.0\n"],
    ["an error message", "error: You must be logged in to the server\n"],
    ["a line of words", "no such command\n"],
  ])("fails for %s, which is no object", async (_, input) => {
    expect(await atom(["audit", "-"], { input })).toEqual({
      code: 2,
      out: "",
      error:
        "Invalid audit:\n - standard input: holds no Kubernetes object: apiVersion and kind are missing\n",
    });
  });

  test("judges a document without a kind where another is an object", async () => {
    const matrix = await matrixOf(write("some.yaml", toYaml([bad, { replicas: 1 }])));
    expect(objectsIn(matrix)).toContain("Deployment tenant-acme/bad");
  });

  test("fails for a Helm template with the command that renders it", async () => {
    const path = write("t.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  {{- toYaml .Values.x }}\n");
    const { code, out, error } = await atom(["audit", path]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    const mend = "it looks like a Helm template: run helm template … | atom audit -";
    expect(error).toMatch(
      new RegExp(`^Invalid manifest ${path}:\n - .*line 4.*; ${escaped(mend)}\n$`),
    );
  });

  test("lets no name in a manifest move the cursor or begin a line", async () => {
    const hostile = { ...bad, metadata: { name: "x\u001b[2J\nno violation", namespace: "n" } };
    const { out } = await atom(["audit", write("hostile.json", hostile)]);
    expect(out).not.toContain("\u001b");
    expect(out.split("\n").filter((line) => line.startsWith("no violation"))).toEqual([]);
  });

  test("--help reads a cluster by --live alone: what a list leaves out would be missing", async () => {
    const { out } = await atom(["audit", "--help"]);
    expect(out).toContain("atom audit --live --context prod-eu");
    expect(out).not.toContain("$ kubectl get");
  });

  test.each([
    ["apiVersion", "kind: ConfigMap\nmetadata: { name: x }\n", "apiVersion is missing"],
    ["kind", "apiVersion: v1\nmetadata: { name: x }\n", "kind is missing"],
    ["both", "metadata: { name: x }\n", "apiVersion and kind are missing"],
  ])("fails for a lone object without %s, with its line", async (_, text, words) => {
    const path = write("lone.yaml", `# Source: a chart\n---\n${text}`);
    expect(await atom(["audit", path])).toEqual({
      code: 2,
      out: "",
      error: `Invalid audit:\n - ${path} (line 3): holds no Kubernetes object: ${words}\n`,
    });
  });

  test.each([
    ["no items", "", "is missing"],
    ["items that are no list", "items: {}\n", "is no list"],
  ])("fails for a List with %s, which would count as an object", async (_, items, words) => {
    const path = write("list.yaml", `apiVersion: v1\nkind: List\n${items}`);
    const { code, out, error } = await atom(["audit", path]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(`${words}, so nothing of the List can be read`);
  });

  test.each(["cluster", "context", "fleet", "vault", "reports", "out"])(
    "fails for an empty --%s",
    async (name) => {
      const argv = ["audit", "all.yaml", `--${name}`, ""];
      const { code, error } = await atom(argv);
      expect(code).toBe(2);
      expect(error).toContain(`\n - --${name}: is empty; name something, or leave it out\n`);
    },
  );

  test("fails for an empty path", async () => {
    expect(await atom(["audit", ""])).toEqual({
      code: 2,
      out: "",
      error: 'Invalid audit:\n - "": is no path\n',
    });
  });
});

describe("atom audit on a folder with other files", () => {
  const others = (name: string) => {
    write(`${name}/package.json`, { name: "app", version: "1.0.0", scripts: { test: "true" } });
    write(`${name}/chart/values.yaml`, "replicas: 1\nimage: { tag: latest }\n");
    return join(folder, name);
  };

  test("passes them over and says how many and which", async () => {
    const manifest = write("in/all.yaml", toYaml(good));
    const alone = await atom(["audit", manifest]);
    const names = ["chart/values.yaml", "package.json"].map((name) => join(others("in"), name));
    expect(await atom(["audit", join(folder, "in")])).toEqual({
      ...alone,
      error: `2 files passed over, without kind and metadata no Kubernetes object:\n  ${names.join("\n  ")}\n`,
    });
  });

  test("fails where nothing else is there", async () => {
    const path = others("in");
    expect(await atom(["audit", path])).toEqual({
      code: 2,
      out: "",
      error: `Invalid audit:\n - ${path}: holds no Kubernetes object: apiVersion and kind are missing\n`,
    });
  });

  test("reads each file once, whichever of the paths lead to it", async () => {
    write("in/all.yaml", toYaml([...good, bad]));
    const whole = join(folder, "in");
    symlinkSync("in", join(folder, "link"));
    const paths = [whole, "in", "./in/all.yaml", join(folder, "link")];
    await inFolder(folder, async () => {
      expect(await atom(["audit", ...paths])).toEqual(await atom(["audit", whole]));
    });
    others("in");
    const named = join(whole, "package.json");
    const { code, error } = await atom(["audit", whole, named]);
    expect({ code, named: error.includes(`${named}: holds no Kubernetes object`) }).toEqual({
      code: 2,
      named: true,
    });
  });

  test.each([
    ["comments", '// of the editor\n{ /* { */ "a": "// no comment", "b": [1, /* 2 */ 3], }\n'],
    ["a comma after the last member", '{ "a": [1, 2,], }'],
  ])("passes over JSON with %s", async (_, text) => {
    write("in/all.yaml", toYaml(good));
    const path = write("in/tsconfig.json", text);
    expect(await atom(["audit", join(folder, "in")])).toMatchObject({
      code: 0,
      error: `1 file passed over, without kind and metadata no Kubernetes object:\n  ${path}\n`,
    });
    const { code, error } = await atom(["audit", path]);
    expect({ code, where: error.split("\n")[0] }).toEqual({
      code: 2,
      where: `Invalid manifest ${path}:`,
    });
  });

  test.each([
    ["an object with comments", '// mine\n{ "kind": "Pod", "metadata": { "name": "x" } }'],
    ["half a file with comments", '// mine\n{ "a": 1'],
    ["a comment that nothing ends", '{ "a": 1 } /* {'],
    ["a key twice behind a comment", '// mine\n{ "a": 1, "a": 2 }'],
  ])("fails for %s in JSON: it may be a manifest", async (_, text) => {
    write("in/all.yaml", toYaml(good));
    const path = write("in/x.json", text);
    const { code, out, error } = await atom(["audit", join(folder, "in")]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error.split("\n")[0]).toBe(`Invalid manifest ${path}:`);
  });

  test("looks into no node_modules and no hidden folder, and says so", async () => {
    write("in/all.yaml", toYaml(good));
    for (const name of [".git", "web/node_modules", "web/.next"]) {
      write(`in/${name}/deep/bad.json`, bad);
      write(`in/${name}/tsconfig.json`, "{ // broken");
    }
    symlinkSync(folder, join(folder, "in/node_modules"));
    const path = join(folder, "in");
    const names = [".git", "web/.next", "web/node_modules", "node_modules"];
    expect(await atom(["audit", path])).toMatchObject({
      code: 0,
      error: `4 folders passed over: ${names.map((name) => join(path, name)).join(", ")}; one that is named is looked into\n`,
    });
    expect((await atom(["audit", join(path, ".git/deep")])).code).toBe(1);
    expect((await atom(["audit", join(path, "web")])).error).toBe(
      `Invalid audit:\n - ${join(path, "web")}: holds no .yaml, .yml or .json file outside of ` +
        `${join(path, "web/.next")}, ${join(path, "web/node_modules")}\n`,
    );
  });

  test("fails for one that was named itself, beside a manifest", async () => {
    const path = write("package.json", { name: "app" });
    expect(await atom(["audit", write("all.yaml", toYaml(good)), path])).toEqual({
      code: 2,
      out: "",
      error: `Invalid audit:\n - ${path}: holds no Kubernetes object: apiVersion and kind are missing\n`,
    });
  });

  test.each<[string, object]>([
    ["without apiVersion", { ...bad, apiVersion: undefined }],
    ["without metadata", { ...bad, metadata: undefined }],
    ["without kind", { ...bad, kind: undefined }],
    ["with a kind in capitals", { ...bad, kind: undefined, metadata: undefined, KIND: "Pod" }],
    ["in a list of its own", [{ ...bad, kind: undefined }]],
  ])("judges an object %s", async (_, object) => {
    write("in/all.yaml", toYaml(good));
    write("in/wrong.json", object);
    expect(await atom(["audit", join(folder, "in")])).toMatchObject({ code: 1, error: "" });
  });
});

describe("atom audit beside kustomize", () => {
  const KUSTOMIZATION = "resources: [../base]\npatches: [{ path: patch.yaml }]\n";
  const NAMED = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

  test.each([
    ["a kustomization.yaml that names no kind", "kustomization.yaml", ""],
    [
      "one that names its kind",
      "kustomization.yml",
      "kind: Kustomization\nmetadata: { name: x }\n",
    ],
    ["one by another name", "prod.yaml", NAMED],
    ["a Component", "c.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"],
  ])("passes over %s in a folder, and fails where it is named", async (_, name, head) => {
    write("in/all.yaml", toYaml(good));
    const path = write(`in/${name}`, head + KUSTOMIZATION);
    const build = `kustomize build ${join(folder, "in")} | atom audit -`;
    const { code, out, error } = await atom(["audit", join(folder, "in")]);
    expect({ code, error }).toEqual({
      code: 0,
      error:
        "1 file passed over, of kustomize and no Kubernetes object; patches beside them were taken for whole objects. " +
        `Audit what is built:\n  ${build}\n`,
    });
    expect(out).toContain(`${good.length} objects in 1 file`);
    expect(await atom(["audit", path])).toEqual({
      code: 2,
      out: "",
      error: `Invalid audit:\n - ${path}: tells kustomize what to build, and is no Kubernetes object; run ${build}\n`,
    });
  });

  test("fails for a folder with nothing else", async () => {
    write("in/kustomization.yaml", KUSTOMIZATION);
    const { code, error } = await atom(["audit", join(folder, "in")]);
    expect(code).toBe(2);
    expect(error).toContain(`run kustomize build ${join(folder, "in")} | atom audit -`);
  });

  test("judges the objects beside one in its file", async () => {
    const path = write("all.yaml", `${NAMED}${KUSTOMIZATION}---\n${toYaml([bad])}`);
    const { code, out, error } = await atom(["audit", path]);
    expect({ code, told: error.includes("kustomize build") }).toEqual({ code: 1, told: true });
    expect(out).toContain("1 object in 1 file");
  });

  test.each<[string, string, object]>([
    [
      "Flux",
      "f.json",
      { ...bad, apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" },
    ],
    ["another kind in its file", "kustomization.yaml", bad],
    ["a kind in capitals in its file", "kustomization.yaml", { KIND: "Pod", metadata: {} }],
    [
      "items of its own",
      "k.json",
      { apiVersion: "kustomize.config.k8s.io/v1", kind: "K", items: [bad] },
    ],
  ])("judges what another tool would apply: %s", async (_, name, object) => {
    write("in/all.yaml", toYaml(good));
    write(`in/${name}`, object);
    const { out, error } = await atom(["audit", join(folder, "in")]);
    expect(error).toBe("");
    expect(out).toContain(`${good.length + 1} objects in 2 files`);
  });
});

describe("atom audit on a folder with links", () => {
  const link = (target: string, name: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    symlinkSync(target, join(folder, name));
  };
  const copies = "audit a copy that holds what links lead to: cp -rL FOLDER COPY";

  test("reads what a mounted ConfigMap is made of, once and by the names of its keys", async () => {
    write("in/..2026_01_01/bad.json", bad);
    write("in/..2026_01_01/all.yaml", toYaml(good));
    link("..2026_01_01", "in/..data");
    link("..data/bad.json", "in/bad.json");
    link("..data/all.yaml", "in/all.yaml");
    const path = join(folder, "in");
    const { out } = await atom(["audit", path, "--format", "sarif"]);
    const copy = [write("copy/all.yaml", toYaml(good)), write("copy/bad.json", bad)];
    const expected = (await atom(["audit", ...copy, "--format", "sarif"])).out;
    expect(out).toBe(expected.replaceAll(join(folder, "copy"), path));
  });

  test("reads a folder behind a link, and goes around in no circle", async () => {
    write("in/.parts/bad.json", bad);
    link(".parts", "in/parts");
    link("..", "in/.parts/around");
    link(join(folder, "in/.parts/bad.json"), "in/again.json");
    const expected = await matrixOf(write("bad.json", bad));
    expect(await matrixOf(join(folder, "in"))).toEqual(expected);
  });

  test("follows the link that was named itself", async () => {
    write("in/bad.json", bad);
    link("in", "named");
    expect((await atom(["audit", join(folder, "named")])).code).toBe(1);
  });

  test.each<[string, string, string, string]>([
    ["out, to a file", "../outside.json", "link.json", `leads out of IN; ${copies}`],
    ["out, to a folder", "..", "link", `leads out of IN; ${copies}`],
    ["out, to a folder of a like name", "../in-other", "link", `leads out of IN; ${copies}`],
    ["to nothing", "nowhere", "link", ""],
  ])("fails for a link that leads %s", async (_, target, name, words) => {
    write("outside.json", bad);
    write("in-other/bad.json", bad);
    write("in/all.yaml", toYaml(good));
    link(target, `in/${name}`);
    const path = join(folder, "in");
    const told =
      words === ""
        ? "is a link to nothing; remove it, or put there what it leads to"
        : `is a link that ${words.replace("IN", path)}`;
    expect(await atom(["audit", path])).toEqual({
      code: 2,
      out: "",
      error: `Invalid audit:\n - ${join(path, name)}: ${told}\n`,
    });
  });

  test("fails for a link to itself", async () => {
    link("loop.yaml", "in/loop.yaml");
    expect(await atom(["audit", join(folder, "in")])).toEqual({
      code: 2,
      out: "",
      error: `Invalid audit:\n - ${join(folder, "in/loop.yaml")}: cannot be read (ELOOP)\n`,
    });
  });

  test("passes over a link to a file whose name is no manifest's", async () => {
    write("README.md", "no: [manifest");
    write("in/all.yaml", toYaml(good));
    link("../README.md", "in/README.md");
    expect(await atom(["audit", join(folder, "in")])).toMatchObject({ code: 0, error: "" });
  });

  test("counts a file in each cluster into whose folder links bring it", async () => {
    write("in/eu/bad.json", bad);
    link("../eu/bad.json", "in/us/bad.json");
    link("eu", "in/zz");
    const matrix = await matrixOf(join(folder, "in"), "--cluster-per-folder");
    const found = matrix.clusters.map(({ cluster, findings }) => [cluster, findings.length]);
    const { findings } = (await matrixOf(write("bad.json", bad))).clusters[0]!;
    expect(found).toEqual(["eu", "us", "zz"].map((cluster) => [cluster, findings.length]));
  });
});

describe("atom audit --fleet", () => {
  const waiver = {
    rule: "P1-IMG-1",
    object: "Deployment tenant-acme/bad",
    reason: "until the move",
    expires: "2999-01-31",
    owner: "platform",
  };
  const withWaivers = (...waivers: object[]) => writeFleet(folder, smallFleet({ waivers }));

  test("marks what a waiver of the fleet lifts and counts it apart", async () => {
    const path = write("bad.json", bad);
    const before = (await matrixOf(path)).clusters[0]!.findings;
    const lifted = before.filter(({ rule }) => rule === waiver.rule).length;
    expect(lifted).toBeGreaterThan(0);
    const { code, out, error } = await atom(["audit", path, "--fleet", withWaivers(waiver)]);
    expect({ code, error }).toEqual({ code: 1, error: "" });
    expect(out.split("waived until 2999-01-31 (platform): ").length - 1).toBe(lifted);
    const summary = `: ${before.length - lifted} violations, ${lifted} waived\n`;
    expect(out.slice(-summary.length)).toBe(summary);
  });

  test.each(["table", "json", "sarif", "junit", "oscal"])(
    "tells of waivers that lift nothing beside %s",
    async (format) => {
      const fleetFile = withWaivers(
        { ...waiver, expires: "2001-01-31" },
        { ...waiver, object: "Deployment tenant-acme/gone" },
      );
      const argv = [write("bad.json", bad), "--fleet", fleetFile, "--format", format];
      expect((await atom(["audit", ...argv])).error).toBe(
        "waiver of P1-IMG-1 for Deployment tenant-acme/bad (platform) expired on 2001-01-31\n" +
          "waiver of P1-IMG-1 for Deployment tenant-acme/gone (platform) lifts nothing here\n",
      );
    },
  );
});

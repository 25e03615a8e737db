import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { toYaml, yamlDocument } from "../../../lib/support/yaml-writer";
import { NASTY } from "../../chart/fixture";
import { mustRun } from "../project/run-command";
import type { Toolchain } from "../toolchain/resolve";
import { resolveToolchain } from "../toolchain/resolve";

/** Everything that some reader may take for something else, as values and as a list. */
const values = {
  texts: Object.fromEntries(NASTY.map((text, index) => [`t${index}`, text])),
  list: NASTY,
  long: `${"x".repeat(999_999)}\n`,
  numbers: { whole: 8080, negative: -1, fraction: 1.5 },
  booleans: [true, false],
};

let tools: Toolchain;
const folder = mkdtempSync(join(tmpdir(), "atom-readers-"));
beforeAll(async () => {
  tools = await resolveToolchain({ parts: ["helm", "kubectl", "ansible-core"] });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file and gives its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const run = (command: string, ...argv: string[]) =>
  mustRun(command, argv, { folder, environment: { HOME: folder, PYTHONIOENCODING: "utf8" } });

describe("what we write as YAML is read back unchanged by", () => {
  const yaml = yamlDocument(values);

  test("yaml, as 1.2 and as 1.1", () => {
    expect(parse(yaml)).toEqual(values);
    expect(parse(yaml, { version: "1.1" })).toEqual(values);
  });

  test("js-yaml", () => {
    expect(load(yaml)).toEqual(values);
  });

  test("PyYAML", async () => {
    // The Python that Ansible brings along.
    const python = join(dirname(tools.path("ansible")), "python");
    const program =
      "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf8'))))";
    expect(JSON.parse(await run(python, "-c", program, file("values.yaml", yaml)))).toEqual(values);
  });

  test("Helm", async () => {
    const chart = dirname(file("echo/Chart.yaml", "apiVersion: v2\nname: echo\nversion: 1.0.0\n"));
    file("echo/values.yaml", yaml);
    file("echo/templates/echo.yaml", "{{ .Values | toJson }}\n");
    const printed = await run(tools.path("helm"), "template", "echo", chart);
    expect(JSON.parse(printed.slice(printed.indexOf("{")))).toEqual(values);
  });

  test("kubectl", async () => {
    const data = { ...values.texts, long: values.long };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "texts" }, data };
    const path = file("object.yaml", toYaml([object]));
    const argv = ["label", "--local", "-f", path, "read=true", "-o", "json"];
    const printed = await run(tools.path("kubectl"), ...argv);
    expect(JSON.parse(printed)).toMatchObject({ data });
  });
});

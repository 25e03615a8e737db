import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderHelmValues } from "../../../lib/chart/helm-values";
import { packageChart } from "../../../lib/chart/package";
import { toYaml } from "../../../lib/support/yaml-writer";
import { RESTRICTED_POD_SECURITY } from "../../../lib/kubernetes/labels";
import { tenantNamespace } from "../../../lib/kubernetes/names";
import { sha256 } from "../../../lib/support/digest";
import { goodDocument } from "../../chart/helm-documents";
import { engine } from "../engine";
import { mustRun, runCommand } from "../project/run-command";
import { Cosign } from "../signing/cosign";
import { resolveToolchain } from "../toolchain/resolve";
import { parseObjects, sorted } from "./helm";
import { kubeconform, KUBERNETES_MINORS } from "./kubeconform";

const { bed, project, environment } = engine();
/** A bed that has seen this file before has what it left in its cluster. */
const TENANT = `helm-${randomBytes(4).toString("hex")}`;
const NAMESPACE = tenantNamespace(TENANT);
const folder = join(project, TENANT);
const chart = packageChart();
const reference = `${bed.securedRegistry.host}/${chart.repository}@${chart.digest}`;
const document = { ...goodDocument, tenant: TENANT };
const rendered = () => renderHelmValues(document);

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  write("values.json", document);
  write("more.json", { services: { worker: { replicas: 3 }, console: null } });
  write("namespace.json", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: NAMESPACE, labels: RESTRICTED_POD_SECURITY },
  });
  writeFileSync(join(folder, "rendered.yaml"), toYaml(rendered()));
  await run("kubectl", "create", "-f", "namespace.json");
  const { username, password, host } = bed.securedRegistry;
  const login = ["registry", "login", host, "--username", username, "--password-stdin"];
  await mustRun("helm", [...login, "--ca-file", bed.caFile], { ...options(), stdin: password });
});

afterAll(async () => {
  await run("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false");
  rmSync(folder, { recursive: true, force: true });
});

describe("what the chart makes", () => {
  test.each(KUBERNETES_MINORS)("is valid in Kubernetes %s", async (kubernetes) => {
    const tools = await resolveToolchain({
      parts: ["kubeconform", "kubernetes-schemas", "secrets-store-crds"],
    });
    expect(await kubeconform(tools, { yaml: toYaml(rendered()), kubernetes })).toEqual([]);
  });

  test("is what the API server takes, without a warning", async () => {
    const argv = ["apply", "--dry-run=server", "--warnings-as-errors", "-f", "rendered.yaml"];
    const { code, stdout, stderr } = await runCommand("kubectl", argv, options());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.match(/created \(server dry run\)$/gm)).toHaveLength(rendered().length);
  });
});

describe("the chart in the registry", () => {
  test("is pulled by digest, byte for byte", async () => {
    const pulled = join(folder, "pulled");
    mkdirSync(pulled);
    const argv = ["pull", `oci://${reference}`, "--ca-file", bed.caFile, "--destination", pulled];
    await run("helm", ...argv);
    const digests = readdirSync(pulled).map((file) => sha256(readFileSync(join(pulled, file))));
    expect(digests).toEqual([chart.archive.digest]);
  });

  test.each(["tag", "bundle"] as const)("is signed, for cosign too, as a %s", async (form) => {
    const cosign = new Cosign(folder, { environment, bed });
    expect(await cosign.verifies(form, reference, join(project, "cosign.pub"))).toBe(true);
  });

  test("is found whole and signed, with its images, by atom chart verify", async () => {
    const verified = await mustRun("npx", ["--no-install", "atom", "chart", "verify", "--json"], {
      folder: project,
      environment,
    });
    expect(verified).toContain(chart.digest);
  });

  test("makes with the values of atom chart values what the stack registers", async () => {
    const atom = (...argv: string[]) =>
      mustRun("npx", ["--no-install", "atom", "chart", ...argv], { folder: project, environment });
    const place = ["--tenant", "acme", "--region", "eu-west"];
    writeFileSync(join(folder, "acme.yaml"), await atom("values", ...place));
    const argv = ["template", "acme", `oci://${reference}`, "--ca-file", bed.caFile];
    expect(parseObjects(await run("helm", ...argv, "--values", "acme.yaml"))).toEqual(
      parseObjects(await atom("render", ...place)),
    );
  });

  test("passes helm lint --strict", async () => {
    writeFileSync(join(folder, "services.tgz"), chart.archive.bytes);
    const argv = ["lint", "--strict", "services.tgz", "--values", "values.json"];
    expect(await run("helm", ...argv)).toContain("1 chart(s) linted, 0 chart(s) failed");
  });
});

describe("a release", () => {
  const release = (verb: string, ...more: string[]) =>
    runCommand(
      "helm",
      [
        ...[verb, TENANT, `oci://${reference}`, "--ca-file", bed.caFile, "--namespace", NAMESPACE],
        ...["--values", "values.json", "--wait", "--timeout", "120s", ...more],
      ],
      options(),
    );

  test("of values that do not go together is refused before anything is made", async () => {
    const refused = await release("install", "--set", "services.worker.metricsPort=8080");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      "services.worker.metricsPort: port 8080 is used twice, for http and for metrics; choose two ports",
    );
    expect(await run("kubectl", "get", "deployments", "-n", NAMESPACE, "-o", "name")).toBe("");
  });

  test("is installed, and its pods come up", async () => {
    expect(await release("install")).toMatchObject({ code: 0 });
    const manifest = await run("helm", "get", "manifest", TENANT, "--namespace", NAMESPACE);
    expect(parseObjects(manifest)).toEqual(sorted(rendered()));
  });

  test("is upgraded: one service grows, one goes", async () => {
    expect(await release("upgrade", "--values", "more.json")).toMatchObject({ code: 0 });
    const columns = "custom-columns=NAME:.metadata.name,READY:.status.readyReplicas";
    const ready = await run("kubectl", "get", "deployments", "-n", NAMESPACE, "-o", columns);
    expect(
      ready
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(/\s+/)),
    ).toEqual([
      ["api", "2"],
      ["reports", "1"],
      ["scheduler", "1"],
      ["worker", "3"],
    ]);
  });
});

function options() {
  return {
    folder,
    environment: {
      ...environment,
      HELM_REGISTRY_CONFIG: join(folder, "registry.json"),
      HELM_CACHE_HOME: join(folder, "cache"),
      HELM_CONFIG_HOME: join(folder, "config"),
      HELM_DATA_HOME: join(folder, "data"),
    },
  };
}

function run(command: string, ...argv: string[]): Promise<string> {
  return mustRun(command, argv, options());
}

function write(name: string, value: unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(value));
}

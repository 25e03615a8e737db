import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readFleet } from "../../lib/fleet/read-fleet";
import { renderTenantChart } from "../../lib/fleet/tenant-chart";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { writeImageLock } from "../../lib/registry/mirror/lock-file";
import { planTenant } from "../../lib/tenant/plan";
import { tempFolder } from "../doubles/temp-folder";
import { atom, smallFleet, writeFleet } from "./atom";
import { lockFor } from "./lock-for";

interface Fields {
  readonly data: object;
  readonly metadata: object;
  readonly spec: object;
}

let folder: string;
let fleet: string;
let rendered: readonly KubernetesObject[];
beforeEach(() => {
  folder = tempFolder();
  fleet = writeFleet(folder);
  const lock = lockFor(smallFleet());
  writeImageLock(join(folder, "atom.lock.json"), lock);
  const place = { tenant: "acme", region: "eu-west" };
  rendered = renderTenantChart(readFleet(fleet).fleet, lock, place);
});

const acme = ["--tenant", "acme", "--region", "eu-west"];
const diff = (...argv: string[]) => atom(["chart", "diff", fleet, ...acme, ...argv]);
const against = (objects: readonly unknown[], ...argv: string[]) => {
  const path = join(folder, "others.yaml");
  writeFileSync(path, objects.map((object) => `---\n${stringify(object)}`).join(""));
  return diff("--against", path, ...argv);
};

/** Copies of the rendered objects, with something about one of them changed. */
function changed(kind: string, name: string, change: (object: Fields) => void) {
  const copy = structuredClone(rendered) as KubernetesObject[];
  const object = copy.find((each) => each.kind === kind && each.metadata.name === name);
  change(object as unknown as Fields);
  return copy;
}
const set = (target: object, values: object) => void Object.assign(target, values);

describe("atom chart diff --against", () => {
  test("finds no difference from what `atom chart render` wrote", async () => {
    const out = join(folder, "rendered");
    await atom(["chart", "render", fleet, ...acme, "--out", out]);
    expect(await diff("--against", out)).toEqual({
      code: 0,
      out: "",
      error: `no difference in ${rendered.length} objects\n`,
    });
  });

  test("names what is added, changed and removed", async () => {
    const others = changed("Deployment", "api", ({ spec }) => set(spec, { replicas: 1 }))
      .filter(({ kind, metadata }) => kind !== "ConfigMap" || metadata.name !== "worker")
      .concat(
        changed("Service", "api", ({ metadata }) => set(metadata, { name: "old" })).filter(
          ({ metadata }) => metadata.name === "old",
        ),
      );
    expect(await against(others)).toEqual({
      code: 1,
      out:
        "added    ConfigMap tenant-acme/worker\n" +
        "changed  Deployment tenant-acme/api\n" +
        "         spec.replicas: 1 -> 2\n" +
        "removed  Service tenant-acme/old\n",
      error: `1 added, 1 changed, 1 removed; ${rendered.length} objects rendered\n`,
    });
  });

  test("gives the same as JSON", async () => {
    const others = changed("Deployment", "api", ({ spec }) => set(spec, { replicas: 1 }));
    const { code, out } = await against(others, "--json");
    expect({ code, found: JSON.parse(out) as unknown }).toEqual({
      code: 1,
      found: {
        equal: false,
        changes: [
          {
            change: "changed",
            apiVersion: "apps/v1",
            object: "Deployment tenant-acme/api",
            fields: [{ path: "spec.replicas", before: 1, after: 2 }],
          },
        ],
      },
    });
  });

  test("leaves alone what is not of the tenant's services, such as its boundary", async () => {
    const boundary = planTenant({
      name: "acme",
      region: "eu-west",
      cluster: "eu-prod",
      quota: { cpu: "8", memory: "16Gi" },
      platformNamespace: "atom-platform",
    }).objects;
    const foreign = { apiVersion: "v1", kind: "Pod", metadata: { name: "foreign", labels: null } };
    expect((await against([...boundary, foreign, ...rendered])).code).toBe(0);
  });

  test("reads a list, as kubectl gives it", async () => {
    expect((await against([{ apiVersion: "v1", kind: "List", items: rendered }])).code).toBe(0);
  });

  test("shows nothing that a terminal obeys, and cuts what is long", async () => {
    const items = changed("ConfigMap", "api", ({ data }) =>
      set(data, { PORT: "\u001b[2J\u009b", LOG: "x".repeat(500) }),
    );
    const service = items.find(({ kind }) => kind === "Service")!;
    set(service.metadata, { name: "\u001b[2J" });
    const path = join(folder, "others.json");
    writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    const { out } = await diff("--against", path);
    expect(out).toContain("removed  Service tenant-acme/\\u001b[2J\n");
    expect(out).toContain('data.PORT: "\\u001b[2J\\u009b" -> "8080"\n');
    expect(out).toMatch(/data\.LOG: "x{159}\.\.\. -> \(none\)\n/);
  });

  test("shows no secret", async () => {
    const canary = "canary-1f6a8c";
    const others = changed("ConfigMap", "api", ({ data }) => set(data, { SMTP_PASSWORD: canary }));
    for (const { code, out, error } of [await against(others), await against(others, "--json")]) {
      expect(code).toBe(1);
      expect(out).toContain("<REDACTED>");
      expect(out + error).not.toContain(canary);
    }
  });

  test("fails for an input that holds nothing: a command before the pipe has failed", async () => {
    const { code, out, error } = await atom(["chart", "diff", fleet, ...acme, "--against", "-"], {
      input: "",
    });
    expect({ code, out, error }).toEqual({
      code: 2,
      out: "",
      error:
        "Invalid diff:\n - standard input: holds no Kubernetes object, so there is nothing to compare with\n",
    });
  });

  test("takes a list without items for a namespace in which nothing is", async () => {
    const { code, error } = await against([{ apiVersion: "v1", kind: "List", items: [] }]);
    expect({ code, error }).toEqual({
      code: 1,
      error: `${rendered.length} added, 0 changed, 0 removed; ${rendered.length} objects rendered\n`,
    });
  });

  test("fails for a path that is not there", async () => {
    const path = join(folder, "nofile");
    expect((await diff("--against", path)).error).toBe(`Invalid diff:\n - ${path}: is not there\n`);
  });

  test.each([
    [[], "--against or --live: there is nothing to compare with; give one of the two"],
    [
      ["--against", "a", "--live"],
      "--against and --live: name two things to compare with; give one of the two",
    ],
    [
      ["--against", "a", "--context", "eu"],
      "--against and --context: name two things to compare with; give one of the two",
    ],
  ])("fails for %j", async (argv, words) => {
    expect(await diff(...argv)).toMatchObject({ code: 2, error: `Invalid diff:\n - ${words}\n` });
  });

  test.each<[what: string, text: string, words: string]>([
    ["what is no object", "- 1\n", "holds what is no Kubernetes object with a name"],
    [
      "an object without a name",
      "apiVersion: v1\nkind: Pod\nmetadata: null\n",
      "holds what is no Kubernetes object with a name",
    ],
    ["what is no YAML", "a: [\n", "others.yaml"],
  ])("fails for %s with exit code 2", async (_, text, words) => {
    const path = join(folder, "others.yaml");
    writeFileSync(path, text);
    const { code, out, error } = await diff("--against", path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(words);
  });

  test("fails with --live where the fleet names no kube context", async () => {
    const { code, error } = await diff("--live");
    expect(code).toBe(2);
    expect(error).toContain("the fleet names no kube context for the cluster of eu-west");
  });
});

describe("atom chart diff --live", () => {
  const before = process.env["KUBECONFIG"];
  let server: Server;
  /** What the API server, a DOUBLE, has. */
  let objects: readonly KubernetesObject[];
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    objects = rendered.map(asServed);
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      const answer = answerTo(new URL(request.url!, "http://localhost"));
      response.statusCode = answer === undefined ? 404 : 200;
      response.end(JSON.stringify(answer ?? { kind: "Status", message: "not found" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    process.env["KUBECONFIG"] = join(folder, "kubeconfig");
    writeFileSync(
      join(folder, "kubeconfig"),
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster }],
        users: [{ name: "u", user: { token: "token-4711" } }],
        contexts: [{ name: "prod", context: { cluster: "c", user: "u" } }],
      }),
    );
  });
  afterEach(async () => {
    if (before === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = before;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const live = (...argv: string[]) => diff("--live", "--context", "prod", ...argv);
  const plural = (kind: string) => kind.toLowerCase().replace(/y$/, "ie").replace(/s$/, "se") + "s";

  /** Pages of one object each. */
  function answerTo({ pathname, searchParams }: URL): unknown {
    const [, version, , resource] =
      /^\/apis?\/(.*?)(?:\/namespaces\/(tenant-acme)\/([a-z]+))?$/.exec(pathname) ?? [];
    const served = objects.filter(({ apiVersion }) => apiVersion === version);
    if (served.length === 0) return undefined;
    if (resource === undefined) {
      const kinds = [...new Set(served.map(({ kind }) => kind))];
      return {
        resources: kinds.flatMap((kind) => [
          { name: `${plural(kind)}/status`, kind },
          { name: plural(kind), kind },
        ]),
      };
    }
    const found = served.filter(({ kind }) => plural(kind) === resource);
    const nth = Number(searchParams.get("continue") ?? 0);
    const items = found.slice(nth, nth + 1).map(({ apiVersion: _, kind: __, ...item }) => item);
    return { items, metadata: nth + 1 < found.length ? { continue: String(nth + 1) } : {} };
  }

  test("finds no difference in what the API server has filled in or written in its own way", async () => {
    expect(await live()).toEqual({
      code: 0,
      out: "",
      error: `no difference in ${rendered.length} objects\n`,
    });
    expect(asked.filter((line) => !/^GET .* Bearer token-4711$/.test(line))).toEqual([]);
  });

  test("finds a field that was changed by hand, an object that is gone, and one too many", async () => {
    const others = changed("Deployment", "api", ({ spec }) => set(spec, { replicas: 9 }));
    const old = structuredClone(rendered.find(({ kind }) => kind === "Service")!);
    set(old.metadata, { name: "old" });
    const foreign = structuredClone(old);
    set(foreign.metadata, { name: "foreign", labels: { app: "theirs" } });
    objects = [...others, old, foreign].filter(
      ({ kind, metadata }) => kind !== "Ingress" || metadata.name !== "api",
    );
    const { code, out } = await live();
    expect({ code, out }).toEqual({
      code: 1,
      out:
        "changed  Deployment tenant-acme/api\n" +
        "         spec.replicas: 9 -> 2\n" +
        "added    Ingress tenant-acme/api\n" +
        "removed  Service tenant-acme/old\n",
    });
  });

  test("takes a kind that the cluster does not know for one with no objects", async () => {
    objects = objects.filter(({ kind }) => kind !== "SecretProviderClass");
    const { code, out } = await live();
    expect({ code, out }).toEqual({
      code: 1,
      out: "added    SecretProviderClass tenant-acme/api\n",
    });
  });

  test("asks the context that the fleet names", async () => {
    const [cluster] = smallFleet()["clusters"] as object[];
    writeFleet(folder, smallFleet({ clusters: [{ ...cluster, source: { context: "prod" } }] }));
    expect((await diff("--live")).code).toBe(0);
  });

  test("fails for a cluster that does not answer, with exit code 2", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const { code, out, error } = await live();
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error.replace(/:[0-9]+\)/, ":6443)")).toBe(
      'Invalid kube context:\n - context: the cluster behind "prod" does not show its objects (ECONNREFUSED at http://127.0.0.1:6443); ' +
        "see that it runs and that this machine reaches it, or name another context with --context\n",
    );
  });

  test("fails for a list that is not allowed: what cannot be seen is not missing", async () => {
    server.removeAllListeners("request");
    server.on("request", (_, response) => {
      response.statusCode = 403;
      response.end(`{"message":"token-4711 may not"}`);
    });
    const { code, error } = await live();
    expect(code).toBe(2);
    expect(error).toContain(
      "does not show its objects (403); name a context that may list the tenant's objects with --context",
    );
    expect(error).not.toContain("token-4711");
  });

  test("fails for a context that is not there", async () => {
    const { code, error } = await diff("--context", "prd");
    expect(code).toBe(2);
    expect(error).toContain("write 'prod'");
  });
});

/** An object as an API server gives it back: with defaults, a status, and quantities in its own form. */
function asServed(object: KubernetesObject): KubernetesObject {
  const text = JSON.stringify(object).replace(
    /"cpu":"([0-9]+)m"/g,
    (_, millis: string) => `"cpu":"${Number(millis) / 1000}"`,
  );
  const copy = JSON.parse(text) as KubernetesObject & { spec?: Record<string, unknown> };
  set(copy.metadata, { uid: "1", resourceVersion: "2", managedFields: [{ manager: "kubectl" }] });
  if (copy.spec !== undefined && object.kind !== "SecretProviderClass") {
    set(copy.spec, { defaulted: true });
  }
  return { ...copy, status: { observedGeneration: 1 } };
}

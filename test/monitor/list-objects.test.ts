import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listObjects } from "../../lib/monitor/list-objects";
import { scanCluster } from "../../lib/monitor/scan-cluster";
import { servedKinds } from "../../lib/monitor/served-kinds";
import type { ServedKind } from "../../lib/monitor/served-kinds";
import { recordOf } from "../../lib/policy/reading/shape";
import { KubernetesApiDouble } from "../doubles/kubernetes-api";
import type { Fault } from "../doubles/kubernetes-api";

const PODS: ServedKind = {
  group: "",
  kind: "Pod",
  resource: "pods",
  apiVersion: "v1",
  path: "/api/v1/pods",
};
const pod = (name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "tenant-acme" },
});

let double: KubernetesApiDouble;
beforeEach(async () => {
  double = await KubernetesApiDouble.start({ v1: ["Namespace", "Pod", "Secret"] });
});
afterEach(() => double.close());

/** Answers the nth list of a path with a fault. */
function failing(path: string, nth: number, fault: Fault): void {
  let asked = 0;
  double.fault = ({ pathname }) => {
    if (pathname !== path) return undefined;
    asked += 1;
    return asked === nth ? fault : undefined;
  };
}

const names = async () => (await listObjects(double.api, PODS)).objects.map((o) => o.metadata.name);

describe("a list", () => {
  beforeEach(() => {
    for (const name of ["a", "b", "c", "d", "e"]) double.put(pod(name));
  });

  test("is read page by page, and says from where to watch", async () => {
    const { objects, resourceVersion } = await listObjects(double.api, PODS);
    expect(objects[4]).toEqual({
      ...pod("e"),
      metadata: { ...pod("e").metadata, uid: "uid-Pod tenant-acme/e", resourceVersion: "105" },
    });
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(["a", "b", "c", "d", "e"]);
    expect(resourceVersion).toBe("105");
    expect(double.requests).toEqual([
      "/api/v1/pods?limit=500",
      "/api/v1/pods?limit=500&continue=2",
      "/api/v1/pods?limit=500&continue=4",
    ]);
  });

  test("keeps of who wrote what only who named a pod's node", async () => {
    const writer = (fieldsV1: unknown) => ({
      manager: "kubectl",
      fieldsType: "FieldsV1",
      fieldsV1,
    });
    const named = writer({ "f:spec": { "f:nodeName": {}, "f:containers": {} } });
    const others = [writer({ "f:spec": { "f:containers": {} } }), writer({ "f:status": {} })];
    const writtenBy = (name: string, managedFields: unknown) => {
      const metadata = { ...pod(name).metadata, managedFields };
      double.put({ ...pod(name), metadata });
    };
    writtenBy("a", [...others, named]);
    writtenBy("b", others);
    const { objects } = await listObjects(double.api, PODS);
    const kept = objects.map(({ metadata }) => recordOf(metadata)["managedFields"]);
    expect(kept).toEqual([[named], ...kept.slice(1).map(() => undefined)]);
  });

  test("begins again when the server has forgotten where it was, and keeps nothing of before", async () => {
    failing("/api/v1/pods", 3, { status: 410 });
    expect(await names()).toEqual(["a", "b", "c", "d", "e"]);
    expect(double.requests).toHaveLength(6);
  });

  test("fails when every page is forgotten", async () => {
    double.fault = ({ searchParams }) =>
      searchParams.has("continue") ? { status: 410 } : undefined;
    await expect(names()).rejects.toMatchObject({ code: "410" });
  });

  test.each<[string, Fault]>([
    ["an overloaded server", { status: 429 }],
    ["a server that is away for a moment", { status: 503 }],
    ["a connection that was cut", "cut"],
  ])("is asked for again after %s", async (_, fault) => {
    failing("/api/v1/pods", 2, fault);
    expect(await names()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test.each<[string, string, Fault]>([
    ["that may not be read", "403", { status: 403 }],
    ["of a kind that is gone", "404", { status: 404 }],
    ["that is cut off", "no JSON", { status: 200, body: '{"items":[{"meta' }],
    ["that is no list", "no list", { status: 200, body: '{"metadata":{"resourceVersion":"1"}}' }],
    ["without a version", "no list", { status: 200, body: '{"items":[]}' }],
    [
      "with an object that has no name",
      "what is no object",
      { status: 200, body: '{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{}}]}' },
    ],
  ])("fails for a list %s: half of it would look like all", async (_, code, fault) => {
    failing("/api/v1/pods", 2, fault);
    await expect(names()).rejects.toMatchObject({ code });
  });
});

describe("a scan", () => {
  test("holds no value of a Secret, and not what kubectl repeats of it in an annotation", async () => {
    double.put({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "database",
        namespace: "tenant-acme",
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "canary-1" },
      } as never,
      data: { password: "canary-2" },
    });
    const objects = await scanCluster(double.api);
    expect(objects.map(({ kind }) => kind)).toEqual(["Secret"]);
    expect(JSON.stringify(objects)).not.toContain("canary");
    expect(double.requests).toContain("/api/v1/secrets?limit=500 metadata");
  });

  test("knows a Secret that holds an account's token by its annotation", async () => {
    const annotations = { "kubernetes.io/service-account.name": "api" };
    const metadata = { name: "token", namespace: "tenant-acme", annotations };
    double.put({ apiVersion: "v1", kind: "Secret", metadata });
    const [secret] = await scanCluster(double.api);
    expect(secret!["type"]).toBe("kubernetes.io/service-account-token");
  });

  test("asks for the kinds that the cluster serves, in the preferred version", async () => {
    Object.assign(double.served, {
      "apps/v1": ["Deployment"],
      "example.org/v1": ["Deployment"],
      "cert-manager.io/v1": ["Certificate", "Challenge"],
    });
    const served = await servedKinds(double.api);
    expect(served.map(({ path }) => path)).toEqual([
      "/api/v1/namespaces",
      "/api/v1/pods",
      "/api/v1/secrets",
      "/apis/apps/v1/deployments",
      "/apis/cert-manager.io/v1/certificates",
    ]);
  });

  test("fails with every kind that it may not see, and how to get the right", async () => {
    double.fault = ({ pathname }) =>
      /pods|secrets/.test(pathname) ? { status: 403, body: "canary" } : undefined;
    await expect(scanCluster(double.api)).rejects.toThrow(
      'Invalid scan of the cluster behind "double":\n' +
        " - pods: may not be listed and watched (403); bind the scan's account to the role that 'atom audit role' prints\n" +
        " - secrets: may not be listed and watched (403); bind the scan's account to the role that 'atom audit role' prints",
    );
  });

  test("fails for a cluster that does not say what it serves", async () => {
    double.fault = ({ pathname }) =>
      pathname === "/apis" ? { status: 200, body: "{}" } : undefined;
    await expect(scanCluster(double.api)).rejects.toThrow(
      "API discovery: cannot be read (no groups)",
    );
  });
});

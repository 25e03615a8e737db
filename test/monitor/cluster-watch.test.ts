import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ClusterWatch } from "../../lib/monitor/cluster-watch";
import { KubernetesApiDouble } from "../doubles/kubernetes-api";

const PODS = "/api/v1/pods";
const pod = (name: string, image = "a") => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "tenant-acme" },
  spec: { containers: [{ name: "main", image }] },
});

let double: KubernetesApiDouble;
let watch: ClusterWatch;
beforeEach(async () => {
  double = await KubernetesApiDouble.start({ v1: ["Namespace", "Pod", "Secret"] });
  watch = new ClusterWatch(double.api, () => undefined);
  double.put(pod("a"));
  double.put(pod("b"));
});
afterEach(async () => {
  watch.stop();
  await double.close();
});

/** Names and images of the pods, once a watch on them is open. */
async function pods(): Promise<string[]> {
  const { objects } = await watch.read();
  return objects
    .filter(({ kind }) => kind === "Pod")
    .map(
      ({ metadata, spec }) =>
        `${metadata.name} ${(spec as { containers: { image: string }[] }).containers[0]!.image}`,
    );
}
/** From which version each watch on pods went on. */
const watchedFrom = () =>
  double.requests
    .filter((url) => url.startsWith(`${PODS}?watch`))
    .map((url) => new URLSearchParams(url.slice(url.indexOf("?"))).get("resourceVersion"));
const listsOfPods = () => double.requests.filter((url) => url.startsWith(`${PODS}?limit`)).length;
const watching = (times = 1) =>
  vi.waitFor(() => expect([double.watchesOf(PODS), watchedFrom().length]).toEqual([1, times]), {
    timeout: 10_000,
  });
const becomes = (expected: readonly string[]) =>
  vi.waitFor(async () => expect(await pods()).toEqual(expected), { timeout: 10_000 });

describe("a watch", () => {
  beforeEach(async () => {
    expect(await pods()).toEqual(["a a", "b a"]);
    await watching();
  });

  test("sees what comes, changes and goes, without another list", async () => {
    double.put(pod("c"));
    double.put(pod("a", "z"));
    double.remove(pod("b"));
    await becomes(["a z", "c a"]);
    expect(listsOfPods()).toBe(1);
  });

  test("tells what has changed since it was read, and only that", async () => {
    expect(watch.hasChanged).toBe(false);
    double.put(pod("a", "z"));
    double.remove(pod("b"));
    const changed = new Set<string>();
    await vi.waitFor(async () => {
      for (const { metadata } of (await watch.read()).changed) changed.add(metadata.name);
      expect([...changed]).toEqual(["a", "b"]);
    });
    expect((await watch.read()).changed).toEqual([]);
  });

  test("takes a status that no rule looks at for no change", async () => {
    double.put({ ...pod("a"), status: { podIP: "10.0.0.1" } });
    double.put(pod("last"));
    await becomes(["a a", "b a", "last a"]);
    const before = (await watch.read()).objects.find(({ metadata }) => metadata.name === "a");
    expect(before!["status"]).toEqual({ podIP: "10.0.0.1" });
    double.put({ ...pod("a"), status: { podIP: "10.0.0.2" } });
    double.put({ ...pod("b"), status: { phase: "Failed" } });
    await vi.waitFor(() => expect(watch.hasChanged).toBe(true));
    const { changed } = await watch.read();
    expect(changed.map(({ metadata }) => metadata.name)).toEqual(["b"]);
  });

  test.each(["end", "cut"] as const)(
    "goes on from the last version after %s of it",
    async (how) => {
      const last = double.bookmark(PODS);
      await new Promise((resolve) => setTimeout(resolve, 50));
      double.endWatches(PODS, how);
      await watching(2);
      double.put(pod("c"));
      await becomes(["a a", "b a", "c a"]);
      expect(watchedFrom()).toEqual(["102", last]);
      expect(listsOfPods()).toBe(1);
    },
  );

  test("lists again when the server has forgotten the version, and drops what is gone", async () => {
    double.quietly(() => {
      double.remove(pod("a"));
      double.put(pod("c"));
    });
    double.say(PODS, JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410 } }));
    await becomes(["b a", "c a"]);
    expect(listsOfPods()).toBe(2);
  });

  test("lists again when a watch is refused with 410", async () => {
    double.quietly(() => double.remove(pod("a")));
    let refused = 0;
    double.fault = ({ searchParams, pathname }) =>
      pathname === PODS && searchParams.has("watch") && (refused += 1) === 1
        ? { status: 410 }
        : undefined;
    double.endWatches(PODS);
    await becomes(["b a"]);
  });

  test.each([
    ["no JSON", "{"],
    ["an unknown event", '{"type":"NEW","object":{"metadata":{"resourceVersion":"1"}}}'],
    ["an object without a name", '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}'],
  ])("lists again after %s", async (_, line) => {
    double.quietly(() => double.put(pod("c")));
    double.say(PODS, line);
    await becomes(["a a", "b a", "c a"]);
  });

  test("fails for a kind whose right is taken away, and sees it again when it comes back", async () => {
    double.fault = ({ pathname }) => (pathname === PODS ? { status: 403 } : undefined);
    double.endWatches(PODS);
    await vi.waitFor(
      () => expect(watch.read()).rejects.toThrow("pods: may not be listed and watched (403)"),
      { timeout: 10_000 },
    );
    double.quietly(() => double.remove(pod("b")));
    double.fault = () => undefined;
    await becomes(["a a"]);
  });

  test("fails for a server that stays away, after some attempts", async () => {
    double.fault = ({ pathname }) => (pathname === PODS ? "cut" : undefined);
    double.endWatches(PODS, "cut");
    expect(await pods()).toEqual(["a a", "b a"]);
    await vi.waitFor(
      () => expect(watch.read()).rejects.toThrow("pods: cannot be read (ECONNRESET at "),
      {
        timeout: 10_000,
      },
    );
  });

  test("finds a kind that the cluster has come to serve, and forgets one that it no longer serves", async () => {
    double.served["apps/v1"] = ["Deployment"];
    double.served["v1"] = ["Namespace", "Secret"];
    double.put({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "api" } });
    double.endWatches(PODS);
    await vi.waitFor(
      async () =>
        expect((await watch.read()).objects.map(({ kind }) => kind)).toEqual(["Deployment"]),
      { timeout: 10_000 },
    );
  });
});

test("a watch fails for a right that is missing from the start", async () => {
  double.fault = ({ pathname }) => (pathname === "/api/v1/secrets" ? { status: 403 } : undefined);
  await expect(watch.read()).rejects.toThrow("secrets: may not be listed and watched (403)");
});

test("a watch that is stopped asks for nothing more", async () => {
  await pods();
  await watching();
  watch.stop();
  await vi.waitFor(() => expect(double.watchesOf(PODS)).toBe(0));
  const asked = double.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(double.requests).toHaveLength(asked);
});

test("gives no warning of a leak for as many kinds as a cluster has", async () => {
  const warnings: string[] = [];
  const warned = ({ name }: Error) => warnings.push(name);
  double.served["apps/v1"] = ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];
  double.served["batch/v1"] = ["CronJob", "Job"];
  double.served["v1"]!.push("ConfigMap", "LimitRange", "Node", "Service");
  process.on("warning", warned);
  try {
    await watch.read();
    const watches = () => double.requests.filter((url) => url.includes("?watch")).length;
    await vi.waitFor(() => expect(watches()).toBe(13));
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", warned);
  }
});

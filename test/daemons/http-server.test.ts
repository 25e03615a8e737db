import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import type { Daemon } from "../../lib/daemons/daemon";
import { DaemonHost } from "../../lib/daemons/daemon-host";
import { serveDaemons } from "../../lib/daemons/http-server";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const silent = pino({ level: "silent" });
const healthy: Daemon = {
  name: "mirror",
  reconcile: () => Promise.resolve({ healthy: true, summary: "5 images whole and signed" }),
};
const failing: Daemon = {
  name: "chart",
  reconcile: () => Promise.reject(new Error("chart is not signed")),
};

async function serve(daemons: readonly Daemon[], port = 0) {
  const host = new DaemonHost(daemons, silent);
  const server = await serveDaemons(host, { port });
  closers.push(() => server.close());
  return { host, server, url: `http://127.0.0.1:${server.port}` };
}

test("health is 200 once every daemon has passed", async () => {
  const { host, url } = await serve([healthy]);
  await host.passAll();
  const response = await fetch(`${url}/health`);
  expect([response.status, await response.json()]).toEqual([
    200,
    {
      status: "ok",
      daemons: [{ name: "mirror", status: "healthy", summary: "5 images whole and signed" }],
    },
  ]);
});

test("fails health with 503 before the first pass and after a daemon threw", async () => {
  const { host, url } = await serve([healthy, failing]);
  expect((await fetch(`${url}/health`)).status).toBe(503);
  await host.passAll();
  const response = await fetch(`${url}/health`);
  expect([response.status, await response.json()]).toEqual([
    503,
    {
      status: "degraded",
      daemons: [
        { name: "mirror", status: "healthy", summary: "5 images whole and signed" },
        { name: "chart", status: "unhealthy", summary: "chart is not signed" },
      ],
    },
  ]);
});

test("metrics count passes by daemon and outcome, in Prometheus text", async () => {
  const { host, url } = await serve([healthy, failing]);
  await host.passAll();
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split("\n");
  expect(lines.filter((line) => /^atom_daemon_(healthy|reconciliations_total)/.test(line))).toEqual(
    [
      'atom_daemon_healthy{daemon="mirror"} 1',
      'atom_daemon_healthy{daemon="chart"} 0',
      'atom_daemon_reconciliations_total{daemon="mirror",outcome="healthy"} 1',
      'atom_daemon_reconciliations_total{daemon="chart",outcome="failed"} 1',
    ],
  );
});

test("moves to a free port if the one asked for is taken, and says so", async () => {
  const blocker = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => blocker.once("listening", resolve));
  closers.push(() => void blocker.close());
  const { port } = blocker.address() as AddressInfo;
  const { server } = await serve([healthy], port);
  expect({ moved: server.moved, same: server.port === port }).toEqual({ moved: true, same: false });
});

test("a stopped host passes no more", async () => {
  let passes = 0;
  const counting: Daemon = {
    name: "mirror",
    reconcile: () => {
      passes += 1;
      return Promise.resolve({ healthy: true, summary: "ok" });
    },
  };
  const host = new DaemonHost([counting], silent);
  host.start(0.001);
  await expect.poll(() => passes).toBeGreaterThan(2);
  host.stop();
  await new Promise((resolve) => setImmediate(resolve));
  const stoppedAt = passes;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(passes).toBe(stoppedAt);
});

import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { DaemonHost } from "../../lib/daemons/daemon-host";
import { serveDaemons } from "../../lib/daemons/http-server";
import { MirrorMetrics } from "../../lib/daemons/mirror-metrics";
import { scrape } from "../../lib/daemons/scrape";
import { ResourceGraph } from "../../lib/policy/graph/graph";
import { p4Rule7 } from "../../lib/policy/rules/p4-7";
import { findingsOf } from "../policy/rule-harness";

const SCOPE = { cluster: "eu-prod" };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function urlOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

test("what the daemons serve keeps P4-7", async () => {
  const reconcile = () => Promise.resolve({ healthy: true, summary: "as declared" });
  const host = new DaemonHost([{ name: "mirror", reconcile }], pino({ level: "silent" }));
  new MirrorMetrics(host.metrics.registry).verified({ verified: true, images: [] });
  const server = await serveDaemons(host, { port: 0 });
  closers.push(() => server.close());
  await host.passAll();
  const node = await scrape(`http://127.0.0.1:${server.port}/metrics`, "daemons", SCOPE);
  expect({ ...node, body: node.body.length > 0 }).toEqual({
    id: "metrics of daemons",
    scope: SCOPE,
    status: 200,
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    body: true,
  });
  expect(findingsOf(new ResourceGraph({ metrics: [node] }), p4Rule7)).toEqual([]);
});

test("fails nowhere: what does not answer is a fact", async () => {
  const url = await urlOf((request) => request.socket.destroy());
  expect(await scrape(url, "daemons", SCOPE)).toEqual({
    id: "metrics of daemons",
    scope: SCOPE,
    status: undefined,
    contentType: "",
    body: "",
  });
});

test("follows no redirect", async () => {
  const url = await urlOf((_, response) => response.writeHead(302, { location: "/login" }).end());
  expect((await scrape(url, "daemons", SCOPE)).status).toBe(302);
});

test("stops reading where there is no end", async () => {
  const url = await urlOf((_, response) => {
    const block = "a".repeat(1024 * 1024);
    const more = () => {
      while (!response.destroyed && response.write(block));
    };
    response.on("drain", more);
    more();
  });
  const { body } = await scrape(url, "daemons", SCOPE);
  expect(body.length).toBeGreaterThan(10 * 1024 * 1024);
  expect(body.length).toBeLessThan(20 * 1024 * 1024);
});

import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readWorkloads } from "../../lib/topology/workloads";
import { tempFolder } from "../doubles/temp-folder";

/** A DOUBLE of an API server: lists by path, in pages of one object; anything else is 403. */
let server: Server;
let lists: Record<string, unknown[]>;
const before = process.env["KUBECONFIG"];

beforeEach(async () => {
  lists = {
    "/api/v1/pods": [],
    "/apis/apps/v1/deployments": [],
    "/apis/apps/v1/replicasets": [],
    "/apis/apps/v1/statefulsets": [],
    "/apis/apps/v1/daemonsets": [],
    "/apis/batch/v1/jobs": [],
    "/apis/batch/v1/cronjobs": [],
  };
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://double");
    const all = lists[url.pathname];
    response.setHeader("content-type", "application/json");
    if (all === undefined) {
      response.writeHead(403).end(JSON.stringify({ kind: "Status", message: "token-4711" }));
      return;
    }
    const at = Number(url.searchParams.get("continue") ?? 0);
    const metadata = at + 1 < all.length ? { continue: String(at + 1) } : {};
    response.end(JSON.stringify({ metadata, items: all.slice(at, at + 1) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const path = join(tempFolder(), "config");
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "c",
          cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true },
        },
      ],
      users: [{ name: "u", user: { token: "token-4711" } }],
      contexts: [{ name: "prod", context: { cluster: "c", user: "u" } }],
    }),
  );
  process.env["KUBECONFIG"] = path;
});
afterEach(async () => {
  process.env["KUBECONFIG"] = before;
  if (before === undefined) delete process.env["KUBECONFIG"];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const template = (image: string) => ({ spec: { containers: [{ name: "a", image }] } });

describe("readWorkloads", () => {
  test("reads every kind that runs images, page by page", async () => {
    const pod = (image: string, imageID: string) => ({
      ...template(image),
      status: { containerStatuses: [{ name: "a", image, imageID }] },
    });
    lists["/api/v1/pods"] = [pod("r/one:1", "r/one@id-1"), pod("r/two:1", "r/two@id-2")];
    lists["/apis/apps/v1/deployments"] = [{ spec: { template: template("r/deployment") } }];
    lists["/apis/apps/v1/replicasets"] = [{ spec: { template: template("r/replica-set") } }];
    lists["/apis/apps/v1/statefulsets"] = [{ spec: { template: template("r/stateful-set") } }];
    lists["/apis/apps/v1/daemonsets"] = [{ spec: { template: template("r/daemon-set") } }];
    lists["/apis/batch/v1/jobs"] = [{ spec: { template: template("r/job") } }];
    lists["/apis/batch/v1/cronjobs"] = [
      { spec: { jobTemplate: { spec: { template: template("r/cron-job") } } } },
    ];
    const text = (await readWorkloads("prod")).join("\n");
    expect([...new Set(text.match(/r\/[^"]+/g))].sort()).toEqual([
      "r/cron-job",
      "r/daemon-set",
      "r/deployment",
      "r/job",
      "r/one:1",
      "r/one@id-1",
      "r/replica-set",
      "r/stateful-set",
      "r/two:1",
      "r/two@id-2",
    ]);
  });

  test("fails for one kind that may not be listed, and repeats no answer", async () => {
    delete lists["/apis/batch/v1/cronjobs"];
    await expect(readWorkloads("prod")).rejects.toThrow(
      /^Invalid kube context:\n - context: the cluster behind "prod" does not list its cron jobs \(403\); only a cluster that is seen whole can say what it uses$/,
    );
  });

  test("fails for a cluster that does not answer", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(readWorkloads("prod")).rejects.toThrow(
      /the cluster behind "prod" does not list its pods \(.+\); only/,
    );
  });

  test("fails for an unknown context", async () => {
    await expect(readWorkloads("prd")).rejects.toThrow("write 'prod'");
  });
});

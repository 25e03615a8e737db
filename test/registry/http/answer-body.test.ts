import { once } from "node:events";
import { createServer, get } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { AnswerBody } from "../../../lib/registry/http/answer-body";
import { StallGuard } from "../../../lib/registry/http/stall-guard";

const broken = new Error("broken");

/** The body of one answer, and how often it was told that nobody reads on. */
async function bodyOf(respond: (response: ServerResponse) => void) {
  const server = createServer((_, response) => respond(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const [incoming] = (await once(get({ host: "127.0.0.1", port }), "response")) as [
    IncomingMessage,
  ];
  incoming.on("error", () => undefined);
  const ends = { count: 0 };
  const guard = new StallGuard(5000, () => incoming.destroy());
  const body = new AnswerBody(
    incoming,
    guard,
    () => broken,
    () => (ends.count += 1),
  );
  return { body, incoming, ends };
}

test("gives every byte, and ends once", async () => {
  const bytes = Buffer.alloc(3_000_000, "0123456789");
  const { body, ends } = await bodyOf((response) => response.end(bytes));
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  expect(await body.next()).toEqual({ done: true, value: undefined });
  expect(ends.count).toBe(1);
});

test("lets the server wait while nobody asks for more", async () => {
  const most = 100_000_000;
  let sent = 0;
  const { body } = await bodyOf((response) => {
    const chunk = Buffer.alloc(1_000_000);
    const more = () => {
      for (; sent < most;) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
      response.end();
    };
    more();
  });
  await body.next();
  await wait(200);
  // What the kernel holds for both sides of a connection.
  expect(sent).toBeLessThan(most / 4);
  let read = 0;
  for await (const chunk of body) read += chunk.length;
  expect(read).toBeGreaterThan(most - 1_000_000);
});

test("fails where the connection breaks, after what came before", async () => {
  const { body, ends } = await bodyOf((response) => {
    response.writeHead(200, { "content-length": "10" });
    response.write("12345", () => response.destroy());
  });
  expect(Buffer.from((await body.next()).value ?? "").toString()).toBe("12345");
  await expect(body.next()).rejects.toBe(broken);
  expect(ends.count).toBe(1);
});

test("closes the connection of whoever stops early", async () => {
  const { body, incoming, ends } = await bodyOf((response) =>
    response.end(Buffer.alloc(9_000_000)),
  );
  for await (const chunk of body) if (chunk.length > 0) break;
  expect(incoming.destroyed).toBe(true);
  expect(ends.count).toBe(1);
});

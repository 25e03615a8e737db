import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signNodeClaim } from "../../lib/join/claim";
import { REFUSAL } from "../../lib/join/gateway";
import type { JoinRequest } from "../../lib/join/gateway";
import { NodeAgent } from "../../lib/join/node-agent";
import { generateSigningKey } from "../../lib/signing/key";
import { Secret } from "../../lib/support/secret";
import { Harness, NODE, START } from "./harness";

const refused = { outcome: "refused", message: REFUSAL };
const MINUTE = 60_000;

describe("JoinGateway", () => {
  test("admits a node and records the join without anything random in it", async () => {
    const harness = await Harness.create();
    const request = await harness.request(harness.token());
    const result = await harness.gateway().join(request);
    if (result.outcome !== "joined") throw new Error("refused");
    const certificate = new X509Certificate(result.certificatePem);
    expect({
      subject: certificate.subject,
      ca: certificate.ca,
      usage: certificate.keyUsage,
      notAfter: new Date(certificate.validTo).toISOString(),
      byCa: certificate.verify(new X509Certificate(result.caPem).publicKey),
    }).toEqual({
      subject: "O=system:nodes\nCN=system:node:eu-workers-1",
      ca: false,
      usage: ["1.3.6.1.5.5.7.3.2"],
      notAfter: "2030-01-02T00:00:00.000Z",
      byCa: true,
    });
    const at = START.toISOString();
    expect(harness.records).toEqual([
      {
        ...NODE,
        labels: { "node-restriction.kubernetes.io/atom-pool": "workers" },
        taints: [],
        outcome: "joined",
        steps: [
          { step: "token burnt", at },
          { step: "claim verified", at },
          { step: "possession proved", at },
          { step: "certificate issued", at },
          { step: "joined", at },
        ],
      },
    ]);
  });

  test("T1 of 100 simultaneous requests with one token exactly one succeeds", async () => {
    const harness = await Harness.create();
    const token = harness.token();
    const gateway = harness.gateway();
    const different = await Promise.all(Array.from({ length: 50 }, () => harness.request(token)));
    const same = Array.from({ length: 50 }, () => different[0]!);
    const results = await Promise.all([...different, ...same].map((r) => gateway.join(r)));
    expect(results.filter(({ outcome }) => outcome === "joined")).toHaveLength(1);
    expect(harness.signed).toBe(1);
  });

  test("T1 a token used once is refused to another request", async () => {
    const harness = await Harness.create();
    const token = harness.token();
    const gateway = harness.gateway();
    expect((await gateway.join(await harness.request(token))).outcome).toBe("joined");
    expect(await gateway.join(await harness.request(token))).toEqual(refused);
    expect(harness.outcomes).toEqual(["joined", "used token"]);
  });

  test.each([
    [-6 * MINUTE, "token not yet valid"],
    [-5 * MINUTE, "joined"],
    [0, "joined"],
    [15 * MINUTE - 1, "joined"],
    [15 * MINUTE, "expired token"],
    [20 * MINUTE, "expired token"],
  ])("T2 at %i ms after the issue of a 15m token: %s", async (later, outcome) => {
    const harness = await Harness.create();
    const request = await harness.request(harness.token());
    harness.clock.advance(later);
    await harness.gateway().join(request);
    expect(harness.outcomes).toEqual([outcome]);
  });

  test("T2 an expired token is burnt, and a clock that jumps back does not revive it", async () => {
    const harness = await Harness.create();
    const token = harness.token();
    const request = await harness.request(token);
    harness.clock.advance(16 * MINUTE);
    await harness.gateway().join(request);
    harness.clock.advance(-16 * MINUTE);
    await harness.gateway().join(request);
    await harness.gateway().join(await harness.request(token));
    expect(harness.outcomes).toEqual(["expired token", "used token", "used token"]);
  });

  test("T5 a node name that has joined is refused until a re-key is allowed", async () => {
    const harness = await Harness.create();
    const gateway = harness.gateway();
    await gateway.join(await harness.request(harness.token()));
    expect(await gateway.join(await harness.request(harness.token()))).toEqual(refused);
    harness.names.allowRekey(NODE.cluster, NODE.node);
    await gateway.join(await harness.request(harness.token()));
    expect(harness.outcomes).toEqual(["joined", "node name taken", "joined"]);
  });

  test("T5 two tokens for one name at the same time hand out one certificate", async () => {
    const harness = await Harness.create();
    const gateway = harness.gateway();
    const requests = [
      await harness.request(harness.token()),
      await harness.request(harness.token()),
    ];
    await Promise.all(requests.map((request) => gateway.join(request)));
    expect([...harness.outcomes].sort()).toEqual(["joined", "node name taken"]);
  });

  test.each([
    ["node", { node: "eu-workers-2" }],
    ["pool", { pool: "acme", node: "eu-acme-1" }],
    ["cluster", { cluster: "us" }],
    ["tenant", { tenant: "acme" }],
    ["hostile name", { node: "../eu-workers-1\nx" }],
  ])("T4, T6 a token is refused for another %s, and burnt", async (_, other) => {
    const harness = await Harness.create();
    const token = harness.token();
    const request = await harness.request(token, { ...NODE, ...other });
    expect(await harness.gateway().join(request)).toEqual(refused);
    await harness.gateway().join(await harness.request(token));
    expect(harness.outcomes).toEqual([
      "bound to another node, pool, cluster or tenant",
      "used token",
    ]);
    expect(JSON.stringify(harness.records)).not.toContain("..");
  });

  test("T6 labels and taints are the plan's, whatever the request carries", async () => {
    const harness = await Harness.create();
    const binding = { cluster: "eu", pool: "acme", node: "eu-acme-1", tenant: "acme" };
    const request = {
      ...(await harness.request(harness.token(binding), binding)),
      labels: { "node-role.kubernetes.io/control-plane": "" },
      taints: [],
    };
    expect(await harness.gateway().join(request)).toMatchObject({
      outcome: "joined",
      labels: {
        "node-restriction.kubernetes.io/atom-pool": "acme",
        "atom.cloud/tenant": "acme",
      },
      taints: [{ key: "atom.cloud/tenant", value: "acme", effect: "NoSchedule" }],
    });
  });

  test("T6 a node outside of the plan is refused", async () => {
    const harness = await Harness.create();
    const binding = { ...NODE, node: "eu-workers-9" };
    await harness.gateway().join(await harness.request(harness.token(binding), binding));
    expect(harness.outcomes).toEqual(["node not planned"]);
  });

  test("T7 unknown, wrong, used and expired tokens look the same from outside", async () => {
    const harness = await Harness.create();
    const gateway = harness.gateway();
    const token = harness.token();
    const [, id] = token.reveal().split(".");
    const late = harness.token({ ...NODE, node: "eu-workers-2" }, "1s");
    const good = await harness.request(token);
    const results = [];
    for (const text of [
      "",
      "nonsense",
      `atomjoin1.0123456789abcdef.${"A".repeat(43)}`,
      `atomjoin1.${id}.${"A".repeat(43)}`,
    ]) {
      results.push(await gateway.join({ ...good, token: Secret.of(text) }));
    }
    harness.clock.advance(2_000);
    results.push(
      await gateway.join(await harness.request(late, { ...NODE, node: "eu-workers-2" })),
    );
    // Somebody who knows the public id only cannot burn the token.
    expect((await gateway.join(good)).outcome).toBe("joined");
    results.push(await gateway.join(await harness.request(token)));
    expect(results).toEqual(Array(6).fill(refused));
    expect(harness.outcomes).toEqual([
      "no token",
      "no token",
      "unknown token",
      "unknown token",
      "expired token",
      "joined",
      "used token",
    ]);
  });

  test("T8 a claim by an untrusted key, over another key or another node is refused", async () => {
    const harness = await Harness.create();
    const foreign = generateSigningKey();
    const other = await NodeAgent.create(NODE);
    const elsewhere = { ...NODE, node: "eu-workers-2" };
    const { signature } = signNodeClaim(NODE, other.nodeKey, harness.claimKey);
    const claims = [
      signNodeClaim(NODE, other.nodeKey, foreign),
      signNodeClaim(NODE, other.nodeKey, harness.claimKey),
      signNodeClaim(elsewhere, other.nodeKey, harness.claimKey),
      { payload: "{}", signature },
    ];
    for (const claim of claims) {
      const request = await harness.request(harness.token());
      expect(await harness.gateway().join({ ...request, claim })).toEqual(refused);
    }
    expect(harness.outcomes).toEqual([
      "claim not signed by a trusted key",
      "claim over another node or key",
      "claim over another node or key",
      "claim not signed by a trusted key",
    ]);
    expect(harness.signed).toBe(0);
  });

  test("T8 no trusted key admits nobody", async () => {
    const harness = await Harness.create();
    await harness.gateway({ trustedKeys: [] }).join(await harness.request(harness.token()));
    expect(harness.outcomes).toEqual(["claim not signed by a trusted key"]);
  });

  test("T9 another node's certificate request is refused, and the signer never asked", async () => {
    const harness = await Harness.create();
    const agent = await NodeAgent.create({ ...NODE, node: "eu-workers-2" });
    const request: JoinRequest = {
      ...NODE,
      token: harness.token(),
      csrPem: await agent.certificateRequest(),
      claim: signNodeClaim(NODE, agent.nodeKey, harness.claimKey),
    };
    expect(await harness.gateway().join(request)).toEqual(refused);
    const huge = { ...request, token: harness.token(), csrPem: "x".repeat(16 * 1024 + 1) };
    expect(await harness.gateway().join(huge)).toEqual(refused);
    expect(harness.outcomes).toEqual(["certificate request not allowed", "request too large"]);
    expect(harness.signed).toBe(0);
  });

  test("T10 the same request gets the same certificate again for a minute, another never", async () => {
    const harness = await Harness.create();
    const request = await harness.request(harness.token());
    const gateway = harness.gateway();
    const first = await gateway.join(request);
    harness.clock.advance(MINUTE);
    // A second gateway over the same ledger, as after a restart.
    expect(await harness.gateway().join(request)).toEqual(first);
    harness.clock.advance(1);
    expect(await gateway.join(request)).toEqual(refused);
    expect(harness.signed).toBe(1);
    expect(harness.records).toHaveLength(2);
  });

  test("T10 after a failure of the signer the same request may try again, another may not", async () => {
    const harness = await Harness.create();
    const token = harness.token();
    const request = await harness.request(token);
    const broken = { caPem: harness.signer.caPem, sign: () => Promise.reject(new Error("down")) };
    expect(await harness.gateway({ signer: broken }).join(request)).toEqual(refused);
    expect(await harness.gateway().join(await harness.request(token))).toEqual(refused);
    expect((await harness.gateway().join(request)).outcome).toBe("joined");
    expect(harness.outcomes).toEqual(["signer failed", "used token", "joined"]);
  });

  test("T10 a request that was refused is final: a better claim does not reopen its token", async () => {
    const harness = await Harness.create();
    const request = await harness.request(harness.token());
    const other = await NodeAgent.create(NODE);
    const claim = signNodeClaim(NODE, other.nodeKey, harness.claimKey);
    await harness.gateway().join({ ...request, claim });
    expect(await harness.gateway().join(request)).toEqual(refused);
    expect(harness.outcomes).toEqual(["claim over another node or key", "used token"]);
    expect(harness.signed).toBe(0);
  });

  test("T14 no token and no key shows in records or results", async () => {
    const harness = await Harness.create();
    const token = harness.token();
    const request = await harness.request(token);
    const results = [await harness.gateway().join(request), await harness.gateway().join(request)];
    const [, , secret] = token.reveal().split(".");
    const seen = JSON.stringify({ results, records: harness.records, request });
    expect(seen).not.toContain(secret);
    expect(JSON.stringify(harness.records)).not.toMatch(/BEGIN|sha256/);
  });
});

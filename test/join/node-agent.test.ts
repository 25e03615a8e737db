import { describe, expect, test } from "vitest";
import { LocalCertificateSigner } from "../../lib/join/certificate-signer";
import { signNodeClaim } from "../../lib/join/claim";
import type { JoinRequest, JoinResult } from "../../lib/join/gateway";
import { caPin, NodeAgent } from "../../lib/join/node-agent";
import { SimulatedClock } from "../../lib/support/clock";
import { Harness, NODE, START } from "./harness";

async function setUp() {
  const harness = await Harness.create();
  const gateway = harness.gateway();
  const agent = await NodeAgent.create(NODE);
  const sent: JoinRequest[] = [];
  const transport = {
    presentedCa: () => Promise.resolve(harness.signer.caPem),
    send: (request: JoinRequest): Promise<JoinResult> => {
      sent.push(request);
      return gateway.join(request);
    },
  };
  const claim = signNodeClaim(NODE, agent.nodeKey, harness.claimKey);
  const options = { token: harness.token(), pin: caPin(harness.signer.caPem), claim, transport };
  return { harness, agent, sent, transport, options };
}

describe("NodeAgent", () => {
  test("joins through a gateway whose authority is pinned", async () => {
    const { agent, options, sent } = await setUp();
    expect(await agent.join(options)).toMatchObject({ outcome: "joined" });
    expect(sent).toHaveLength(1);
  });

  test("T3 sends nothing at all if the authority is another than the pinned one", async () => {
    const { agent, options, transport, sent } = await setUp();
    const impostor = await LocalCertificateSigner.create({ clock: new SimulatedClock(START) });
    const presentedCa = () => Promise.resolve(impostor.caPem);
    await expect(
      agent.join({ ...options, transport: { ...transport, presentedCa } }),
    ).rejects.toThrow("the gateway presents another certificate authority");
    expect(sent).toEqual([]);
  });

  test("T3 refuses a certificate by another authority or over another key", async () => {
    const { harness, agent, options, transport } = await setUp();
    const impostor = await LocalCertificateSigner.create({ clock: harness.clock });
    const other = await NodeAgent.create(NODE);
    const answers = [
      [harness.signer.caPem, await impostor.sign(await agent.certificateRequest(), NODE)],
      [harness.signer.caPem, await harness.signer.sign(await other.certificateRequest(), NODE)],
      [impostor.caPem, await impostor.sign(await agent.certificateRequest(), NODE)],
    ] as const;
    for (const [caPem, certificatePem] of answers) {
      const result = { outcome: "joined", caPem, certificatePem, labels: {}, taints: [] } as const;
      const send = () => Promise.resolve(result);
      await expect(agent.join({ ...options, transport: { ...transport, send } })).rejects.toThrow(
        "Invalid join",
      );
    }
  });
});

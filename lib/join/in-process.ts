import type { SigningKey } from "../signing/key";
import type { Clock } from "../support/clock";
import type { CertificateSigner } from "./certificate-signer";
import { LocalCertificateSigner } from "./certificate-signer";
import { signNodeClaim } from "./claim";
import { JoinGateway } from "./gateway";
import { caPin, NodeAgent } from "./node-agent";
import type { JoinTransport } from "./node-agent";
import type { NodeNames } from "./node-names";
import { MemoryNodeNames } from "./node-names";
import type { NodePoolPlan } from "./plan";
import type { JoinRecord } from "./record";
import { issueJoinToken } from "./token";
import type { TokenLedger } from "./token-ledger";
import { MemoryTokenLedger } from "./token-ledger";

export interface InProcessOptions {
  readonly clock: Clock;
  /** Signs the claims of the nodes; its public key is what the gateway trusts. */
  readonly claimKey: SigningKey;
  /** @default a throw-away authority, see {@link LocalCertificateSigner} */
  readonly signer?: CertificateSigner;
  /** @default in memory */
  readonly ledger?: TokenLedger;
  /** @default in memory */
  readonly names?: NodeNames;
}

/**
 * Lets every node of a plan join, one after another, through a gateway in this process: the same
 * tokens, claims, requests and checks as over a network.
 */
export async function joinInProcess(
  plan: NodePoolPlan,
  options: InProcessOptions,
): Promise<readonly JoinRecord[]> {
  const { clock, claimKey } = options;
  const records: JoinRecord[] = [];
  const ledger = options.ledger ?? new MemoryTokenLedger();
  const signer = options.signer ?? (await LocalCertificateSigner.create({ clock }));
  const gateway = new JoinGateway({
    pools: [plan],
    ledger,
    names: options.names ?? new MemoryNodeNames(),
    signer,
    trustedKeys: [claimKey.publicKeyPem],
    clock,
    onRecord: (record) => records.push(record),
  });
  const transport: JoinTransport = {
    presentedCa: () => Promise.resolve(signer.caPem),
    send: (request) => gateway.join(request),
  };
  const { cluster, pool, tenant } = plan;
  for (const { name } of plan.nodes) {
    const binding = { cluster, pool, node: name, ...(tenant === undefined ? {} : { tenant }) };
    const { token, record } = issueJoinToken(binding, { ttl: plan.ttl, clock });
    ledger.add(record);
    const agent = await NodeAgent.create(binding);
    const claim = signNodeClaim(binding, agent.nodeKey, claimKey);
    await agent.join({ token, pin: caPin(signer.caPem), claim, transport });
  }
  return records;
}

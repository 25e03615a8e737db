import { generateSigningKey } from "../../lib/signing/key";
import type { SigningKey } from "../../lib/signing/key";
import { SimulatedClock } from "../../lib/support/clock";
import type { Secret } from "../../lib/support/secret";
import type { CertificateSigner } from "../../lib/join/certificate-signer";
import { LocalCertificateSigner } from "../../lib/join/certificate-signer";
import { signNodeClaim } from "../../lib/join/claim";
import { JoinGateway } from "../../lib/join/gateway";
import type { JoinGatewayOptions, JoinRequest } from "../../lib/join/gateway";
import { NodeAgent } from "../../lib/join/node-agent";
import type { NodeNames } from "../../lib/join/node-names";
import { MemoryNodeNames } from "../../lib/join/node-names";
import { planNodePool } from "../../lib/join/plan";
import type { JoinRecord, RefusalReason } from "../../lib/join/record";
import { issueJoinToken } from "../../lib/join/token";
import type { JoinBinding } from "../../lib/join/token";
import type { TokenLedger } from "../../lib/join/token-ledger";
import { MemoryTokenLedger } from "../../lib/join/token-ledger";

export const START = new Date("2030-01-01T00:00:00Z");
export const NODE: JoinBinding = { cluster: "eu", pool: "workers", node: "eu-workers-1" };

/** A gateway with everything around it, and what it recorded. */
export class Harness {
  readonly clock = new SimulatedClock(START);
  readonly claimKey: SigningKey = generateSigningKey();
  readonly ledger: TokenLedger;
  readonly names: NodeNames;
  readonly signer: CertificateSigner;
  readonly outcomes: (RefusalReason | "joined")[] = [];
  readonly records: JoinRecord[] = [];
  /** How often the signer was asked. */
  signed = 0;

  private constructor(ca: CertificateSigner, ledger: TokenLedger, names: NodeNames) {
    this.ledger = ledger;
    this.names = names;
    this.signer = {
      caPem: ca.caPem,
      sign: (csr, identity) => {
        this.signed += 1;
        return ca.sign(csr, identity);
      },
    };
  }

  static async create(
    ledger: TokenLedger = new MemoryTokenLedger(),
    names: NodeNames = new MemoryNodeNames(),
  ): Promise<Harness> {
    const ca = await LocalCertificateSigner.create({ clock: new SimulatedClock(START) });
    return new Harness(ca, ledger, names);
  }

  gateway(options: Partial<JoinGatewayOptions> = {}): JoinGateway {
    return new JoinGateway({
      pools: [
        planNodePool({ cluster: "eu", pool: "workers", nodes: 3 }),
        planNodePool({ cluster: "eu", pool: "acme", nodes: 1, tenant: "acme" }),
      ],
      ledger: this.ledger,
      names: this.names,
      signer: this.signer,
      trustedKeys: [this.claimKey.publicKeyPem],
      clock: this.clock,
      onRecord: (record, reason) => {
        this.records.push(record);
        this.outcomes.push(reason ?? "joined");
      },
      ...options,
    });
  }

  token(binding: JoinBinding = NODE, ttl = "15m"): Secret {
    const { token, record } = issueJoinToken(binding, { ttl, clock: this.clock });
    this.ledger.add(record);
    return token;
  }

  /** A request in which all is well; each has a new key. */
  async request(token: Secret, binding: JoinBinding = NODE): Promise<JoinRequest> {
    const agent = await NodeAgent.create(binding);
    const csrPem = await agent.certificateRequest();
    return {
      ...binding,
      token,
      csrPem,
      claim: signNodeClaim(binding, agent.nodeKey, this.claimKey),
    };
  }
}

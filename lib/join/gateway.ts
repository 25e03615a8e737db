import type { Clock } from "../support/clock";
import { canonicalJson } from "../support/canonical-json";
import { sha256 } from "../support/digest";
import type { Secret } from "../support/secret";
import type { CertificateSigner } from "./certificate-signer";
import type { SignedClaim } from "./claim";
import { verifyNodeClaim } from "./claim";
import { inspectNodeCsr, LARGEST_CSR } from "./node-csr";
import type { NodeNames } from "./node-names";
import type { NodePoolPlan, PlannedNode, Taint } from "./plan";
import type { JoinRecord, RefusalReason } from "./record";
import { JoinTrail } from "./record";
import type { JoinBinding, TokenRecord } from "./token";
import { parseJoinToken } from "./token";
import type { TokenLedger } from "./token-ledger";

/** What a node sends. It names itself, but neither labels nor taints: those the gateway sets. */
export interface JoinRequest extends JoinBinding {
  readonly token: Secret;
  /** Certificate request, PKCS#10 in PEM. */
  readonly csrPem: string;
  readonly claim: SignedClaim;
}

/** What a node is told. A refusal is the same for every reason. */
export type JoinResult =
  | {
      readonly outcome: "joined";
      readonly certificatePem: string;
      readonly caPem: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly taints: readonly Taint[];
    }
  | { readonly outcome: "refused"; readonly message: string };

export const REFUSAL = "the join was refused; ask for a new token";

export interface JoinGatewayOptions {
  /** Pools that nodes may join, with the nodes expected. */
  readonly pools: readonly NodePoolPlan[];
  readonly ledger: TokenLedger;
  readonly names: NodeNames;
  readonly signer: CertificateSigner;
  /** Public keys, PEM, of those who may sign claims. */
  readonly trustedKeys: readonly string[];
  /** The only clock that counts. */
  readonly clock: Clock;
  /** Told of every join, with the reason of a refusal. @default nobody */
  readonly onRecord?: (record: JoinRecord, reason?: RefusalReason) => void;
}

/** A repeated request gets its answer for this long (milliseconds): a reply may be lost. */
const RETRY_WINDOW = 60_000;
/** How far the clock may have jumped back behind a token's issue (milliseconds). */
const CLOCK_SKEW = 5 * 60_000;

class Refused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(reason);
    this.reason = reason;
  }
}

interface Admission {
  readonly tokenId: string;
  readonly node: PlannedNode;
  /** A certificate issued before, to the same request. */
  readonly issued?: string;
}

/**
 * Admits nodes. In this order: the token is burnt, the signed claim and the possession of the node's
 * key are proved, and only then the signer is asked.
 */
export class JoinGateway {
  readonly #options: JoinGatewayOptions;
  readonly #inProgress = new Set<string>();

  constructor(options: JoinGatewayOptions) {
    this.#options = options;
  }

  /** Never throws for what a node sends; throws if the ledger cannot be read or written. */
  async join(request: JoinRequest): Promise<JoinResult> {
    const trail = new JoinTrail(this.#options.clock);
    let admission: Admission | undefined;
    try {
      // Up to here and through this call nothing awaits: of simultaneous requests one gets the token.
      admission = this.#admit(request, trail);
      const certificatePem = admission.issued ?? (await this.#issue(request, admission, trail));
      if (admission.issued === undefined) {
        this.#options.onRecord?.(trail.record(request, admission.node, "joined"));
      }
      return this.#joined(certificatePem, admission.node);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#options.onRecord?.(trail.record(request, admission?.node, "refused"), error.reason);
      return { outcome: "refused", message: REFUSAL };
    }
  }

  #joined(certificatePem: string, { labels, taints }: PlannedNode): JoinResult {
    return { outcome: "joined", certificatePem, caPem: this.#options.signer.caPem, labels, taints };
  }

  /** Burns the token, then looks at what it admits. */
  #admit(request: JoinRequest, trail: JoinTrail): Admission {
    const { ledger, clock } = this.#options;
    if (request.csrPem.length > LARGEST_CSR) throw new Refused("request too large");
    const token = parseJoinToken(request.token);
    if (token === undefined) throw new Refused("no token");
    if (this.#inProgress.has(token.id)) throw new Refused("join in progress");
    const now = clock.now();
    const reserved = ledger.reserve(token, {
      csrHash: sha256(request.csrPem),
      reservedAt: now.toISOString(),
    });
    if (!reserved.reserved) {
      throw new Refused(reserved.reason === "used" ? "used token" : "unknown token");
    }
    trail.pass("token burnt");
    const reservedAt = Date.parse(reserved.reservation.reservedAt);
    if (!reserved.first && Math.abs(now.getTime() - reservedAt) > RETRY_WINDOW) {
      throw new Refused("used token");
    }
    if (reserved.end?.outcome === "refused") throw new Refused("used token");
    const node = this.#endIfRefused(token.id, () =>
      this.#check(request, reserved.record, reservedAt),
    );
    return {
      tokenId: token.id,
      node,
      ...(reserved.end === undefined ? {} : { issued: reserved.end.certificatePem }),
    };
  }

  /** The node's place in the plan, if the token is in time and bound to what the request names. */
  #check(request: JoinRequest, record: TokenRecord, reservedAt: number): PlannedNode {
    if (reservedAt >= Date.parse(record.expiresAt)) throw new Refused("expired token");
    if (reservedAt < Date.parse(record.issuedAt) - CLOCK_SKEW) {
      throw new Refused("token not yet valid");
    }
    if (canonicalJson(bindingOf(request)) !== canonicalJson(record.binding)) {
      throw new Refused("bound to another node, pool, cluster or tenant");
    }
    const { cluster, pool, node, tenant } = record.binding;
    const planned = this.#options.pools
      .filter((plan) => plan.cluster === cluster && plan.pool === pool && plan.tenant === tenant)
      .flatMap((plan) => plan.nodes)
      .find(({ name }) => name === node);
    if (planned === undefined) throw new Refused("node not planned");
    return planned;
  }

  async #issue(request: JoinRequest, { tokenId }: Admission, trail: JoinTrail): Promise<string> {
    const { ledger, names } = this.#options;
    const { cluster, node } = request;
    this.#inProgress.add(tokenId);
    try {
      await this.#prove(request, trail);
      const holder = names.holder(cluster, node);
      if (holder !== undefined && holder !== tokenId) throw new Refused("node name taken");
      const certificatePem = await this.#sign(request);
      // Between the look-up and here another token may have taken the name: then this certificate goes nowhere.
      if (!names.take(cluster, node, tokenId)) throw new Refused("node name taken");
      trail.pass("certificate issued");
      ledger.end(tokenId, { outcome: "issued", certificatePem });
      trail.pass("joined");
      return certificatePem;
    } catch (error) {
      // A signer that failed may be asked again with the same request; everything else is final.
      if (error instanceof Refused && error.reason !== "signer failed") {
        ledger.end(tokenId, { outcome: "refused" });
      }
      throw error;
    } finally {
      this.#inProgress.delete(tokenId);
    }
  }

  /** The claim is signed by a trusted key over this node's key, and the sender has that key. */
  async #prove(request: JoinRequest, trail: JoinTrail): Promise<void> {
    const verified = verifyNodeClaim(request.claim, this.#options.trustedKeys);
    if ("problem" in verified) throw new Refused("claim not signed by a trusted key");
    const { nodeKey, ...claimed } = verified.claim;
    if (canonicalJson(bindingOf(claimed)) !== canonicalJson(bindingOf(request))) {
      throw new Refused("claim over another node or key");
    }
    trail.pass("claim verified");
    const csr = await inspectNodeCsr(request.csrPem, request.node);
    if ("problem" in csr) throw new Refused("certificate request not allowed");
    if (csr.nodeKey !== nodeKey) throw new Refused("claim over another node or key");
    trail.pass("possession proved");
  }

  async #sign(request: JoinRequest): Promise<string> {
    try {
      return await this.#options.signer.sign(request.csrPem, bindingOf(request));
    } catch {
      throw new Refused("signer failed");
    }
  }

  #endIfRefused<T>(tokenId: string, check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (error instanceof Refused) this.#options.ledger.end(tokenId, { outcome: "refused" });
      throw error;
    }
  }
}

function bindingOf({ cluster, pool, node, tenant }: JoinBinding): JoinBinding {
  return { cluster, pool, node, ...(tenant === undefined ? {} : { tenant }) };
}

import { isDnsLabel, isDnsSubdomain } from "../kubernetes/names";
import type { Clock } from "../support/clock";
import type { PlannedNode, Taint } from "./plan";
import type { JoinBinding } from "./token";

/** What a join got through, in this order. */
export type JoinStep =
  "token burnt" | "claim verified" | "possession proved" | "certificate issued" | "joined";

/** Why a join was refused. For the gateway's own log: the one who asks is never told which. */
export type RefusalReason =
  | "request too large"
  | "no token"
  | "unknown token"
  | "used token"
  | "join in progress"
  | "expired token"
  | "token not yet valid"
  | "bound to another node, pool, cluster or tenant"
  | "node not planned"
  | "claim not signed by a trusted key"
  | "claim over another node or key"
  | "certificate request not allowed"
  | "node name taken"
  | "signer failed";

/**
 * One join for the report. Deterministic given the clock: no token, no key, no certificate.
 */
export interface JoinRecord {
  readonly node: string;
  readonly pool: string;
  readonly cluster: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly outcome: "joined" | "refused";
  /** Steps passed; `at` is ISO 8601, UTC. */
  readonly steps: readonly { readonly step: JoinStep; readonly at: string }[];
}

/** Collects the steps of one join. */
export class JoinTrail {
  readonly #clock: Clock;
  readonly #steps: { step: JoinStep; at: string }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  pass(step: JoinStep): void {
    this.#steps.push({ step, at: this.#clock.now().toISOString() });
  }

  /** @param asked names as the request gave them: anything that is no name is not repeated. */
  record(
    asked: JoinBinding,
    node: PlannedNode | undefined,
    outcome: JoinRecord["outcome"],
  ): JoinRecord {
    return {
      node: isDnsSubdomain(asked.node) ? asked.node : "(invalid)",
      pool: isDnsLabel(asked.pool) ? asked.pool : "(invalid)",
      cluster: isDnsLabel(asked.cluster) ? asked.cluster : "(invalid)",
      labels: node?.labels ?? {},
      taints: node?.taints ?? [],
      outcome,
      steps: [...this.#steps],
    };
  }
}

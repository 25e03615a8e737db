import type { ResourceGraph } from "../graph/graph";
import type { Home } from "../graph/home";
import type { Subject } from "../graph/subject";

export const POLICIES = ["P1", "P2", "P3", "P4", "P5", "P6", "P7"] as const;
export type PolicyId = (typeof POLICIES)[number];

/** One sentence a policy, as reports head their columns with it. */
export const POLICY_TITLES: Readonly<Record<PolicyId, string>> = {
  P1: "tenant data isolated per namespace",
  P2: "charts and secrets cosign-signed",
  P3: "playbooks dry-run by default",
  P4: "/metrics on each daemon",
  P5: "one namespace per tenant",
  P6: "provisioned in under two minutes",
  P7: "automatic rollback",
};

export type Severity = "critical" | "high" | "medium" | "low";

export type { Subject } from "../graph/subject";

/**
 * Says what is wrong with the subject at hand. Nothing it is told may hold a secret.
 *
 * @param field path below the subject's own field, such as `.securityContext.privileged`; empty for
 *   the subject itself.
 * @param message what was found and what is allowed; lower case, no full stop.
 */
export type Report = (field: string, message: string) => void;

/**
 * A rule of P1 to P7. It enumerates its subjects and decides each alone, so that one unknown value
 * or one hostile object cannot hide a violation elsewhere. No subject means not applicable.
 *
 * What lives in a namespace, it enumerates namespace by namespace, so that all rules look at one while
 * it is at hand, and a change in one asks for no other; what does not, over the whole graph.
 */
export interface Rule<S extends Subject = Subject> {
  /** Kept for ever: `P1-POD-3`. */
  readonly id: string;
  readonly policy: PolicyId;
  readonly severity: Severity;
  /** What has to hold, one sentence without a full stop. */
  readonly title: string;
  /** What goes wrong otherwise. */
  readonly why: string;
  /** How to mend it. */
  readonly remediation: string;
  /** Specification or tools that check the same thing. */
  readonly source: string;
  /** One look-up, or several for subjects of several kinds. */
  readonly inHome?: LookUp<S> | readonly LookUp<S>[];
  readonly subjects?: (graph: ResourceGraph) => Iterable<S>;
  /**
   * Reports each violation of one subject; none is a pass. It may throw: that counts as a violation,
   * and what was reported before stands. It returns nothing: a promise or a generator has decided
   * nothing yet, and counts as a failure of the rule.
   */
  readonly check: (subject: S, report: Report, graph: ResourceGraph) => undefined;
}

/** Finds a rule's subjects in one namespace. */
export type LookUp<S extends Subject> = (home: Home, graph: ResourceGraph) => readonly S[];

/** A rule of any kind of subject, so that rules of all kinds fit one list. */
export interface AnyRule extends Omit<Rule, "check"> {
  /** Takes the rule's own subjects, and no other rule's. */
  readonly check: (subject: never, report: Report, graph: ResourceGraph) => undefined;
}

/** A rule as it is; its subjects' type is taken from `inHome` and `subjects`. */
export function defineRule<S extends Subject>(rule: Rule<S>): AnyRule {
  return rule;
}

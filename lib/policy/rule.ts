import type { ResourceGraph, Scope } from "./graph";

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

/** One thing that a rule looks at and decides on its own: a container, a binding, a namespace. */
export interface Subject {
  readonly scope: Scope;
  /** The node's id: `Deployment tenant-acme/api`. */
  readonly object: string;
  /** Path inside the object, empty for the whole of it. */
  readonly field: string;
  /**
   * Set where the subject could not even be looked up: a value is unknown, or the object is not
   * built as it should be. It is not handed to the rule's check and counts as undecided.
   */
  readonly failure?: Error;
}

/** What is wrong with a subject. The message never holds a secret. */
export interface Violation {
  /** Path below the subject's own field, such as `.securityContext.privileged`; empty for the subject itself. */
  readonly field: string;
  /** What was found and what is allowed; lower case, no full stop. */
  readonly message: string;
}

/**
 * A rule of P1 to P7. It enumerates its subjects and decides each alone, so that one unknown value
 * or one hostile object cannot hide a violation elsewhere. No subject means not applicable.
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
  readonly subjects: (graph: ResourceGraph) => Iterable<S>;
  /** Violations of one subject; none is a pass. It may throw: that counts as a violation. */
  readonly check: (subject: S, graph: ResourceGraph) => Iterable<Violation>;
}

/** A rule with its subjects' type closed over, so that rules of all kinds fit one list. */
export interface AnyRule extends Omit<Rule, "subjects" | "check"> {
  /** Decides every subject; each decision is a thunk, so that a caller can isolate its failure. */
  readonly decisions: (graph: ResourceGraph) => Iterable<Decision>;
}

export interface Decision {
  readonly subject: Subject;
  readonly decide: () => Iterable<Violation>;
}

export function defineRule<S extends Subject>(rule: Rule<S>): AnyRule {
  const { subjects, check, ...metadata } = rule;
  return {
    ...metadata,
    *decisions(graph) {
      for (const subject of subjects(graph)) {
        yield {
          subject,
          decide() {
            if (subject.failure !== undefined) throw subject.failure;
            return check(subject, graph);
          },
        };
      }
    },
  };
}

import { z } from "zod";
import { checkedString, parseStrict, strictObject, unknownWord } from "../support/strict-schema";
import type { Finding, RuleResult } from "./evaluation/evaluate";
import { ALL_RULES } from "./rules";

/** Lifts one rule from one object, until a day. */
export interface Waiver {
  /** `P1-IMG-1` */
  readonly rule: string;
  /** The object as findings name it: `Deployment tenant-acme/api`, on whatever cluster. */
  readonly object: string;
  readonly reason: string;
  /** The last day on which it holds, in UTC: `2027-01-31`. */
  readonly expires: string;
  /** Who answers for it. */
  readonly owner: string;
}

/** A waiver as messages call it. */
export function waiverName({ rule, object, owner }: Waiver): string {
  return `waiver of ${rule} for ${object} (${owner})`;
}

/** A finding, with the waiver that lifts it if there is one. */
export interface JudgedFinding extends Finding {
  readonly waiver?: Waiver;
}

export interface JudgedResult extends Omit<RuleResult, "findings"> {
  readonly findings: readonly JudgedFinding[];
}

/** What waivers came to. */
export interface WaiverReport {
  readonly results: readonly JudgedResult[];
  /** Waivers whose day has passed; they lift nothing. */
  readonly expired: readonly Waiver[];
  /** Waivers in force that met no finding; they can go. */
  readonly unused: readonly Waiver[];
}

const RULE_ID = /^P[1-7]-[A-Z0-9]+(-[0-9]+)?$/;

export const waiverSchema: z.ZodType<Waiver> = strictObject({
  rule: checkedString(ruleProblem, {
    pattern: RULE_ID.source,
    description: "Id of the rule, as docs/rules.md lists it.",
  }),
  object: sentence("Object, as the audit names it: Deployment tenant-acme/api"),
  reason: sentence("Why the rule may be broken here."),
  expires: checkedString(dateProblem, {
    pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    description: "Last day on which the waiver holds, in UTC.",
  }),
  owner: sentence("Who answers for it."),
});

/**
 * Reads a list of waivers.
 *
 * @throws UsageError with every problem found.
 */
export function parseWaivers(value: unknown): readonly Waiver[] {
  return parseStrict(z.array(waiverSchema), value, "waivers");
}

/**
 * Marks findings with the waivers that lift them. A waiver lifts violations, and values that are not
 * known yet: its owner accepts whatever they come to be. It never lifts a rule's own failure.
 */
export function applyWaivers(
  results: readonly RuleResult[],
  waivers: readonly Waiver[],
  now: Date,
): WaiverReport {
  const today = now.toISOString().slice(0, 10);
  const expired = waivers.filter(({ expires }) => expires < today);
  const inForce = new Map<string, Waiver>();
  for (const waiver of waivers) {
    if (waiver.expires >= today && !inForce.has(keyOf(waiver))) inForce.set(keyOf(waiver), waiver);
  }
  const used = new Set<Waiver>();
  const judge = (finding: Finding): JudgedFinding => {
    const waiver = finding.cause === "error" ? undefined : inForce.get(keyOf(finding));
    if (!waiver) return finding;
    used.add(waiver);
    return { ...finding, waiver };
  };
  const judged = results.map((result) => ({ ...result, findings: result.findings.map(judge) }));
  // One that repeats another is as useless as one that meets nothing.
  const unused = waivers.filter((waiver) => !expired.includes(waiver) && !used.has(waiver));
  return { results: judged, expired, unused };
}

/** Days that are left of a waiver, its last one among them; 0 or less if it has expired. In UTC. */
export function daysLeft({ expires }: Waiver, now: Date): number {
  const today = new Date(now.toISOString().slice(0, 10));
  return Math.round((Date.parse(`${expires}T00:00:00Z`) - today.getTime()) / DAY) + 1;
}

const DAY = 24 * 60 * 60 * 1000;

function keyOf({ rule, object }: { rule: string; object: string }): string {
  return `${rule}\n${object}`;
}

function sentence(description: string) {
  return checkedString(lineProblem, { description });
}

/** A line for people: it is printed in reports and terminals. */
function lineProblem(text: string): string | undefined {
  if (text.trim() === "" || text.length > 500) return "a text of 1 to 500 characters is required";
  return /[\p{Cc}\p{Cf}\p{Cs}]/u.test(text) ? "the text holds a control character" : undefined;
}

function ruleProblem(id: string): string | undefined {
  const known = ALL_RULES.map((rule) => rule.id);
  return known.includes(id) ? undefined : unknownWord("rule", id, known);
}

function dateProblem(text: string): string | undefined {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  // Date takes 2027-02-31 for the third of March.
  return date && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
    ? undefined
    : "is no date; write it as 2027-01-31";
}

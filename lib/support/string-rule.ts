import type { z } from "zod";

import { checkedString } from "./strict-schema";

/** Why a text is refused. It repeats the text only as `printable`, or not at all. */
type Problem = (text: string) => string;

/** What no text may be: one of some words, or anything in which a pattern is found. */
export type Refusal = { readonly problem: Problem } & (
  { readonly words: readonly string[] } | { readonly pattern: string }
);

/**
 * A rule for one text, as data: our own check and the JSON schema come from the same words. Patterns
 * mean the same in ECMAScript and in RE2, so they look neither ahead nor back and bear no flags.
 */
export interface StringRuleWords {
  /**
   * What every text matches, anchored at both ends. Helm repeats a text that does not match, so for
   * what may be a secret leave it out and say what is refused. @default - anything
   */
  readonly pattern?: string;
  /** Said where the pattern does not match, and of too long a text. */
  readonly problem: Problem;
  readonly not?: readonly Refusal[];
  /** In code points, as JSON schema counts. @default - the pattern's own bound, if it has one */
  readonly maxLength?: number;
  /** Said of too long a text. @default - what `problem` says */
  readonly tooLong?: Problem;
}

/** What a JSON schema, draft 7 or later, says of a rule. */
export interface StringRuleSchema {
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly not?: object;
}

/** A rule ready for use. */
export interface StringRule {
  /** Why a text is refused; undefined if it is allowed. */
  readonly problem: (text: string) => string | undefined;
  readonly schema: StringRuleSchema;
}

/** Makes a rule of its words. */
export function stringRule(words: StringRuleWords): StringRule {
  const { pattern, problem, not = [], maxLength = Infinity, tooLong = problem } = words;
  const whole = new RegExp(pattern ?? "", "u");
  const refusals = not.map((refusal) => ({ refuses: finder(refusal), problem: refusal.problem }));
  return {
    problem(text) {
      if (!whole.test(text)) return problem(text);
      const refusal = refusals.find(({ refuses }) => refuses(text));
      if (refusal !== undefined) return refusal.problem(text);
      return isLonger(text, maxLength) ? tooLong(text) : undefined;
    },
    schema: {
      ...(pattern === undefined ? {} : { pattern }),
      ...(Number.isFinite(maxLength) ? { maxLength } : {}),
      ...(not.length > 0 ? { not: refusalSchema(not) } : {}),
    },
  };
}

/**
 * A string under a rule, for a schema.
 *
 * @param beyond finds what no JSON schema can say; whoever reads only the schema has to check it, too.
 */
export function ruledString(
  rule: StringRule,
  description: string,
  beyond: (text: string) => string | undefined = () => undefined,
): z.ZodString {
  return checkedString((text) => rule.problem(text) ?? beyond(text), {
    ...rule.schema,
    description,
  });
}

function finder(refusal: Refusal): (text: string) => boolean {
  if ("words" in refusal) return (text) => refusal.words.includes(text);
  const pattern = new RegExp(refusal.pattern, "u");
  return (text) => pattern.test(text);
}

function refusalSchema(refusals: readonly Refusal[]): object {
  const schemas = refusals.map((refusal) =>
    // With its type: to whatever is no string, null for one, a pattern alone has nothing to say.
    "words" in refusal
      ? { enum: [...refusal.words] }
      : { type: "string", pattern: refusal.pattern },
  );
  return schemas.length === 1 ? schemas[0]! : { anyOf: schemas };
}

function isLonger(text: string, maxLength: number): boolean {
  return text.length > maxLength && [...text].length > maxLength;
}

import type { AnyRule } from "../evaluation/rule";
import { P1_RULES } from "./p1";
import { P2_TO_P7_RULES } from "./p2-p7";

/** Every rule, in the order of docs/rules.md. */
export const ALL_RULES: readonly AnyRule[] = [...P1_RULES, ...P2_TO_P7_RULES];

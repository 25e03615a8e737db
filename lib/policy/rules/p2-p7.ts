import type { AnyRule } from "../rule";
import { p2Rule1 } from "./p2-1";
import { p2Rule2 } from "./p2-2";
import { p2Rule3 } from "./p2-3";
import { p3Rule1 } from "./p3-1";
import { p3Rule2 } from "./p3-2";
import { p4Rule1 } from "./p4-1";
import { p4Rule2 } from "./p4-2";
import { p5Rule1 } from "./p5-1";
import { p5Rule2 } from "./p5-2";
import { p5Rule3 } from "./p5-3";
import { p6Rule2 } from "./p6-2";
import { p7Rule1 } from "./p7-1";
import { p7Rule2 } from "./p7-2";
import { p7Rule3 } from "./p7-3";

/** The rules of P2 to P7, in the order of their ids. */
export const P2_TO_P7_RULES: readonly AnyRule[] = [
  p2Rule1,
  p2Rule2,
  p2Rule3,
  p3Rule1,
  p3Rule2,
  p4Rule1,
  p4Rule2,
  p5Rule1,
  p5Rule2,
  p5Rule3,
  p6Rule2,
  p7Rule1,
  p7Rule2,
  p7Rule3,
];

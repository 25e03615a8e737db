import type { AnyRule } from "../evaluation/rule";
import { p2Rule1 } from "./p2-1";
import { p2Rule10 } from "./p2-10";
import { p2Rule2 } from "./p2-2";
import { p2Rule3 } from "./p2-3";
import { p2Rule4 } from "./p2-4";
import { p2Rule5 } from "./p2-5";
import { p2Rule6 } from "./p2-6";
import { p2Rule7 } from "./p2-7";
import { p2Rule8 } from "./p2-8";
import { p2Rule9 } from "./p2-9";
import { p3Rule1 } from "./p3-1";
import { p3Rule2 } from "./p3-2";
import { p3Rule3 } from "./p3-3";
import { p3Rule4 } from "./p3-4";
import { p3Rule5 } from "./p3-5";
import { p3Rule6 } from "./p3-6";
import { p4Rule1 } from "./p4-1";
import { p4Rule2 } from "./p4-2";
import { p4Rule3 } from "./p4-3";
import { p4Rule4 } from "./p4-4";
import { p4Rule5 } from "./p4-5";
import { p4Rule6 } from "./p4-6";
import { p4Rule7 } from "./p4-7";
import { p4Rule8 } from "./p4-8";
import { p5Rule1 } from "./p5-1";
import { p5Rule2 } from "./p5-2";
import { p5Rule3 } from "./p5-3";
import { p5Rule4 } from "./p5-4";
import { p5Rule5 } from "./p5-5";
import { p5Rule6 } from "./p5-6";
import { p5Rule7 } from "./p5-7";
import { p6Rule1 } from "./p6-1";
import { p6Rule2 } from "./p6-2";
import { p6Rule3 } from "./p6-3";
import { p6Rule4 } from "./p6-4";
import { p6Rule5 } from "./p6-5";
import { p7Rule1 } from "./p7-1";
import { p7Rule2 } from "./p7-2";
import { p7Rule3 } from "./p7-3";
import { p7Rule4 } from "./p7-4";
import { p7Rule5 } from "./p7-5";
import { p7Rule6 } from "./p7-6";

/** The rules of P2 to P7, in the order of their ids. */
export const P2_TO_P7_RULES: readonly AnyRule[] = [
  p2Rule1,
  p2Rule2,
  p2Rule3,
  p2Rule4,
  p2Rule5,
  p2Rule6,
  p2Rule7,
  p2Rule8,
  p2Rule9,
  p2Rule10,
  p3Rule1,
  p3Rule2,
  p3Rule3,
  p3Rule4,
  p3Rule5,
  p3Rule6,
  p4Rule1,
  p4Rule2,
  p4Rule3,
  p4Rule4,
  p4Rule5,
  p4Rule6,
  p4Rule7,
  p4Rule8,
  p5Rule1,
  p5Rule2,
  p5Rule3,
  p5Rule4,
  p5Rule5,
  p5Rule6,
  p5Rule7,
  p6Rule1,
  p6Rule2,
  p6Rule3,
  p6Rule4,
  p6Rule5,
  p7Rule1,
  p7Rule2,
  p7Rule3,
  p7Rule4,
  p7Rule5,
  p7Rule6,
];

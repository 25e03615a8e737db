import type { AnyRule } from "../rule";
import { p1Net1 } from "./p1-net-1";
import { p1Net3 } from "./p1-net-3";
import { p1Ns1 } from "./p1-ns-1";
import { p1Pod1 } from "./p1-pod-1";
import { p1Pod2 } from "./p1-pod-2";
import { p1Pod3 } from "./p1-pod-3";
import { p1Pod4 } from "./p1-pod-4";
import { p1Pod5 } from "./p1-pod-5";
import { p1Pod6 } from "./p1-pod-6";
import { p1Pod7 } from "./p1-pod-7";
import { p1Pod8 } from "./p1-pod-8";
import { p1Quo1 } from "./p1-quo-1";
import { p1Rbac1 } from "./p1-rbac-1";
import { p1Rbac2 } from "./p1-rbac-2";
import { p1Rbac3 } from "./p1-rbac-3";

/** P1: tenant data isolated per namespace. */
export const P1_RULES: readonly AnyRule[] = [
  p1Net1,
  p1Net3,
  p1Rbac1,
  p1Rbac2,
  p1Rbac3,
  p1Ns1,
  p1Quo1,
  p1Pod1,
  p1Pod2,
  p1Pod3,
  p1Pod4,
  p1Pod5,
  p1Pod6,
  p1Pod7,
  p1Pod8,
];

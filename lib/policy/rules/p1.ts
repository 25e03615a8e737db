import type { AnyRule } from "../evaluation/rule";
import { p1Data1 } from "./p1-data-1";
import { p1Data2 } from "./p1-data-2";
import { p1Data3 } from "./p1-data-3";
import { p1Data4 } from "./p1-data-4";
import { p1Data5 } from "./p1-data-5";
import { p1Img1 } from "./p1-img-1";
import { p1Net1 } from "./p1-net-1";
import { p1Net2 } from "./p1-net-2";
import { p1Net3 } from "./p1-net-3";
import { p1Net4 } from "./p1-net-4";
import { p1Net5 } from "./p1-net-5";
import { p1Net6 } from "./p1-net-6";
import { p1Net7 } from "./p1-net-7";
import { p1Net8 } from "./p1-net-8";
import { p1Node1 } from "./p1-node-1";
import { p1Ns1 } from "./p1-ns-1";
import { p1Ns2 } from "./p1-ns-2";
import { p1Pod1 } from "./p1-pod-1";
import { p1Pod2 } from "./p1-pod-2";
import { p1Pod3 } from "./p1-pod-3";
import { p1Pod4 } from "./p1-pod-4";
import { p1Pod5 } from "./p1-pod-5";
import { p1Pod6 } from "./p1-pod-6";
import { p1Pod7 } from "./p1-pod-7";
import { p1Pod8 } from "./p1-pod-8";
import { p1Quo1 } from "./p1-quo-1";
import { p1Quo2 } from "./p1-quo-2";
import { p1Quo3 } from "./p1-quo-3";
import { p1Quo4 } from "./p1-quo-4";
import { p1Rbac1 } from "./p1-rbac-1";
import { p1Rbac2 } from "./p1-rbac-2";
import { p1Rbac3 } from "./p1-rbac-3";
import { p1Rbac4 } from "./p1-rbac-4";
import { p1Rbac5 } from "./p1-rbac-5";
import { p1Rbac6 } from "./p1-rbac-6";
import { p1Rbac7 } from "./p1-rbac-7";

/** P1: tenant data isolated per namespace. */
export const P1_RULES: readonly AnyRule[] = [
  p1Net1,
  p1Net2,
  p1Net3,
  p1Net4,
  p1Net5,
  p1Net6,
  p1Net7,
  p1Net8,
  p1Rbac1,
  p1Rbac2,
  p1Rbac3,
  p1Rbac4,
  p1Rbac5,
  p1Rbac6,
  p1Rbac7,
  p1Ns1,
  p1Ns2,
  p1Quo1,
  p1Quo2,
  p1Quo3,
  p1Quo4,
  p1Pod1,
  p1Pod2,
  p1Pod3,
  p1Pod4,
  p1Pod5,
  p1Pod6,
  p1Pod7,
  p1Pod8,
  p1Data1,
  p1Data2,
  p1Node1,
  p1Img1,
  p1Data3,
  p1Data4,
  p1Data5,
];

import type { AdmissionRule } from "./admission-rule";
import { admitP1Data1 } from "./rules/p1-data-1";
import { admitP1Data3 } from "./rules/p1-data-3";
import { admitP1Data5 } from "./rules/p1-data-5";
import { admitP1Img1 } from "./rules/p1-img-1";
import { admitP1Net2 } from "./rules/p1-net-2";
import { admitP1Net3 } from "./rules/p1-net-3";
import { admitP1Net4 } from "./rules/p1-net-4";
import { admitP1Net5 } from "./rules/p1-net-5";
import { admitP1Net6 } from "./rules/p1-net-6";
import { admitP1Net8 } from "./rules/p1-net-8";
import { admitP1Node1 } from "./rules/p1-node-1";
import { admitP1Ns1 } from "./rules/p1-ns-1";
import { admitP1Pod1 } from "./rules/p1-pod-1";
import { admitP1Pod2 } from "./rules/p1-pod-2";
import { admitP1Pod3 } from "./rules/p1-pod-3";
import { admitP1Pod4 } from "./rules/p1-pod-4";
import { admitP1Pod5 } from "./rules/p1-pod-5";
import { admitP1Pod6 } from "./rules/p1-pod-6";
import { admitP1Pod7 } from "./rules/p1-pod-7";
import { admitP1Pod8 } from "./rules/p1-pod-8";
import { admitP1Quo4 } from "./rules/p1-quo-4";
import { admitP1Rbac1 } from "./rules/p1-rbac-1";
import { admitP1Rbac3 } from "./rules/p1-rbac-3";
import { admitP1Rbac5 } from "./rules/p1-rbac-5";
import { admitP1Rbac6 } from "./rules/p1-rbac-6";
import { admitP2Rule1 } from "./rules/p2-1";
import { admitP4Rule1 } from "./rules/p4-1";
import { admitP4Rule3 } from "./rules/p4-3";
import { admitP4Rule5 } from "./rules/p4-5";
import { admitP4Rule8 } from "./rules/p4-8";
import { admitP5Rule1 } from "./rules/p5-1";
import { admitP5Rule3 } from "./rules/p5-3";
import { admitP6Rule2 } from "./rules/p6-2";
import { admitP6Rule3 } from "./rules/p6-3";
import { admitP7Rule2 } from "./rules/p7-2";
import { admitP7Rule3 } from "./rules/p7-3";
import { admitP7Rule4 } from "./rules/p7-4";

/** Every rule that the API server can decide by one object, in the order of docs/rules.md. */
export const ADMISSION_RULES: readonly AdmissionRule[] = [
  admitP1Net2,
  admitP1Net3,
  admitP1Net4,
  admitP1Net5,
  admitP1Net6,
  admitP1Net8,
  admitP1Rbac1,
  admitP1Rbac3,
  admitP1Rbac5,
  admitP1Rbac6,
  admitP1Ns1,
  admitP1Quo4,
  admitP1Pod1,
  admitP1Pod2,
  admitP1Pod3,
  admitP1Pod4,
  admitP1Pod5,
  admitP1Pod6,
  admitP1Pod7,
  admitP1Pod8,
  admitP1Data1,
  admitP1Node1,
  admitP1Img1,
  admitP1Data3,
  admitP1Data5,
  admitP2Rule1,
  admitP4Rule1,
  admitP4Rule3,
  admitP4Rule5,
  admitP4Rule8,
  admitP5Rule1,
  admitP5Rule3,
  admitP6Rule2,
  admitP6Rule3,
  admitP7Rule2,
  admitP7Rule3,
  admitP7Rule4,
];

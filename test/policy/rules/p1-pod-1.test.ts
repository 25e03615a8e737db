import { describe, expect, test } from "vitest";

import { p1Pod1 } from "../../../lib/policy/rules/p1-pod-1";
import { describePodCases, findingsOf, workload } from "../rule-cases";
import { graphOf } from "../compliant-objects";

const FORBIDDEN = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "gitRepo",
  "glusterfs",
  "hostPath",
  "iscsi",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];
const ALLOWED = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const SECOND = ["spec", "volumes", 1];
/** One that the rules on images let pass. */
const IMAGE = {
  reference: `registry.example:5000/atom/models@sha256:${"ab".repeat(32)}`,
  pullPolicy: "Always",
};

describePodCases(p1Pod1, [
  ...ALLOWED.map((kind) => ({
    title: `passes ${kind}`,
    set: [[SECOND, { name: "v", [kind]: kind === "image" ? IMAGE : {} }] as const],
    findings: [],
  })),
  {
    title: "passes a volume without a kind, which is an emptyDir, and a kind that is null",
    set: [[SECOND, { name: "v", hostPath: null }]],
    findings: [],
  },
  ...[...FORBIDDEN, "constructor", "somethingNew"].map((kind) => ({
    title: `fails ${kind}`,
    set: [[SECOND, { name: "v", [kind]: {} }] as const],
    findings: [
      {
        field: ".spec.volumes[1]",
        message: `volume is of the kind "${kind}", which is not allowed`,
      },
    ],
  })),
  {
    title: "fails a second kind that hides behind an allowed one",
    set: [[SECOND, { name: "v", emptyDir: {}, hostPath: { path: "/" } }]],
    findings: [
      {
        field: ".spec.volumes[1]",
        message: 'volume is of the kind "hostPath", which is not allowed',
      },
    ],
  },
]);

describe("P1-POD-1 on hostile lists", () => {
  test("fails a volume that is no object, and the host path after it", () => {
    const volumes = [null, "x", { name: "v", hostPath: { path: "/" } }];
    const pod = workload("Pod", [], [[["spec", "volumes"], volumes]]);
    const fields = findingsOf(graphOf([pod]))
      .filter(({ rule }) => rule === "P1-POD-1")
      .map(({ field, message }) => [field, message]);
    expect(fields).toEqual([
      ["spec.volumes[0]", "cannot be decided: it is no object"],
      ["spec.volumes[1]", "cannot be decided: it is no object"],
      ["spec.volumes[2]", 'volume is of the kind "hostPath", which is not allowed'],
    ]);
  });
});

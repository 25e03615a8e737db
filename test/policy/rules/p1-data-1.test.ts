import { describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p1Data1 } from "../../../lib/policy/rules/p1-data-1";
import { set } from "../change";
import { graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, describePodCases, findingsOf } from "../rule-cases";

const CLAIM = "PersistentVolumeClaim tenant-acme/data";
const SPEC = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };

const claim = (spec: Record<string, unknown> = {}, namespace = "tenant-acme") => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace },
  spec: { ...SPEC, ...spec },
});
const finding = (field: string, message: string) => [{ object: CLAIM, field, message }];
const MODE = (mode: string) =>
  `access mode is "${mode}"; allowed are ReadWriteOnce and ReadWriteOncePod`;

describeObjectCases(p1Data1, [
  { title: "passes a claim of the default class", changes: [{ add: claim() }], findings: [] },
  {
    title: "passes a claim of a class, for one pod, from a snapshot of its own",
    changes: [
      {
        add: claim({
          accessModes: ["ReadWriteOncePod"],
          storageClassName: "fast",
          dataSourceRef: { kind: "VolumeSnapshot", name: "last", namespace: "tenant-acme" },
        }),
      },
    ],
    findings: [],
  },
  ...["ReadWriteMany", "ReadOnlyMany"].map((mode) => ({
    title: `fails ${mode}`,
    changes: [{ add: claim() }, set(CLAIM, ["spec", "accessModes", 1], mode)],
    findings: finding("spec.accessModes[1]", MODE(mode)),
  })),
  {
    title: "fails data of another namespace",
    changes: [
      { add: claim() },
      set(CLAIM, ["spec", "dataSourceRef", "namespace"], "tenant-globex"),
    ],
    findings: finding(
      "spec.dataSourceRef.namespace",
      'data comes from namespace "tenant-globex"; allowed is "tenant-acme"',
    ),
  },
  {
    title: "fails a claim for any volume that has no class",
    changes: [{ add: claim() }, set(CLAIM, ["spec", "storageClassName"], "")],
    findings: finding(
      "spec.storageClassName",
      "is empty, which takes any volume that has no class",
    ),
  },
  {
    title: "fails a claim for any volume that has no class, by the annotation of old",
    changes: [
      { add: claim({ storageClassName: "fast" }) },
      set(CLAIM, ["metadata", "annotations", "volume.beta.kubernetes.io/storage-class"], ""),
    ],
    findings: finding(
      'metadata.annotations["volume.beta.kubernetes.io/storage-class"]',
      "is empty, which takes any volume that has no class",
    ),
  },
  {
    title: "fails a null in the annotation of old, which is stored as an empty text",
    changes: [
      { add: claim() },
      set(CLAIM, ["metadata", "annotations", "volume.beta.kubernetes.io/storage-class"], null),
    ],
    findings: finding(
      'metadata.annotations["volume.beta.kubernetes.io/storage-class"]',
      "is empty, which takes any volume that has no class",
    ),
  },
  ...["data", "a/b..c/.d"].map((path) => ({
    title: `passes the folder ${path}`,
    changes: [
      { add: claim() },
      set(CLAIM, ["metadata", "annotations", "nfs.io/storage-path"], path),
    ],
    findings: [],
  })),
  ...["../tenant-globex", "a/../../b", "a/..", ".", "/", "/exports", ""].map((path) => ({
    title: `fails the folder "${path}"`,
    changes: [
      { add: claim() },
      set(CLAIM, ["metadata", "annotations", "nfs.io/storage-path"], path),
    ],
    findings: finding(
      'metadata.annotations["nfs.io/storage-path"]',
      `is "${path}", which leads out of the claim's own folder`,
    ),
  })),
  ...[{ matchLabels: { tenant: "globex" } }, {}].map((selector) => ({
    title: `fails a claim that chooses its volume by ${JSON.stringify(selector)}`,
    changes: [{ add: claim() }, set(CLAIM, ["spec", "selector"], selector)],
    findings: finding(
      "spec.selector",
      "chooses among volumes that are there already; allowed is none",
    ),
  })),
  {
    title: "fails a volume that nobody knows",
    changes: [{ add: claim() }, set(CLAIM, ["spec", "volumeName"], "pv-1")],
    findings: [
      {
        object: CLAIM,
        field: "",
        message: 'cannot be decided: PersistentVolume "pv-1" is not in the graph',
        cause: "undecided",
      },
    ],
  },
  {
    title: "fails the template of a StatefulSet, behind one that cannot be read",
    changes: [
      {
        add: {
          apiVersion: "apps/v1",
          kind: "StatefulSet",
          metadata: { name: "db", namespace: "tenant-acme" },
          spec: {
            replicas: 0,
            template: { spec: { serviceAccountName: "api", automountServiceAccountToken: false } },
            volumeClaimTemplates: [null, { spec: { ...SPEC, accessModes: ["ReadWriteMany"] } }],
          },
        },
      },
    ],
    findings: [
      {
        object: "StatefulSet tenant-acme/db",
        field: "spec.volumeClaimTemplates[0]",
        message: "cannot be decided: it is no object",
        cause: "undecided",
      },
      {
        object: "StatefulSet tenant-acme/db",
        field: "spec.volumeClaimTemplates[1].spec.accessModes[0]",
        message: MODE("ReadWriteMany"),
      },
    ],
  },
]);

const EPHEMERAL = ["spec", "volumes", 1, "ephemeral", "volumeClaimTemplate"];
const EPHEMERAL_FIELD = ".spec.volumes[1].ephemeral.volumeClaimTemplate";

describePodCases(
  p1Data1,
  [
    {
      title: "fails what the claim of an ephemeral volume chooses, and where its data comes from",
      set: [
        [[...EPHEMERAL, "metadata", "annotations", "volume.beta.kubernetes.io/storage-class"], ""],
        [[...EPHEMERAL, "spec", "selector"], {}],
        [[...EPHEMERAL, "spec", "dataSourceRef", "namespace"], "tenant-globex"],
      ],
      besides: [[["spec", "volumes", 1, "name"], "scratch"]],
      findings: [
        {
          field: `${EPHEMERAL_FIELD}.metadata.annotations["volume.beta.kubernetes.io/storage-class"]`,
          message: "is empty, which takes any volume that has no class",
        },
        {
          field: `${EPHEMERAL_FIELD}.spec.selector`,
          message: "chooses among volumes that are there already; allowed is none",
        },
        {
          field: `${EPHEMERAL_FIELD}.spec.dataSourceRef.namespace`,
          message: 'data comes from namespace "tenant-globex"; allowed is "tenant-acme"',
        },
      ],
    },
    {
      title: "fails the claim of an ephemeral volume",
      set: [
        [
          ["spec", "volumes", 1],
          {
            name: "scratch",
            ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteMany"] } } },
          },
        ],
      ],
      findings: [
        {
          field: ".spec.volumes[1].ephemeral.volumeClaimTemplate.spec.accessModes[0]",
          message: MODE("ReadWriteMany"),
        },
      ],
    },
  ],
  ["acme"],
);

describe("P1-DATA-1 on the cluster's volumes", () => {
  const volume = (name: string, namespace: string, source: Record<string, unknown> = {}) => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: { claimRef: { namespace, name: "data" }, ...source },
  });
  const found = (mine: Record<string, unknown>, platform: readonly KubernetesObject[]) => {
    const objects = platform.map((object) => objectNode(object, scopeOfTenant()));
    return findingsOf(graphOf([claim(mine)], "acme", { objects }))
      .filter(({ rule }) => rule === p1Data1.id)
      .map(({ field, message }) => [field, message]);
  };
  const share = { nfs: { server: "10.0.0.1", path: "/data" } };
  const handle = { csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-1" } };
  const usedByGlobex = [
    ["spec.volumeName", 'PersistentVolume "pv-1" is used by namespace "tenant-globex"'],
  ];

  test("passes the volume that is bound to the claim", () => {
    expect(found({ volumeName: "pv-1" }, [volume("pv-1", "tenant-acme", share)])).toEqual([]);
  });

  test("fails a volume that is bound to another namespace's claim", () => {
    expect(found({ volumeName: "pv-1" }, [volume("pv-1", "tenant-globex")])).toEqual(usedByGlobex);
  });

  test("fails a volume that a claim of another namespace names, too", () => {
    const other = claim({ volumeName: "pv-1" }, "tenant-globex");
    expect(found({ volumeName: "pv-1" }, [volume("pv-1", "tenant-acme"), other])).toEqual(
      usedByGlobex,
    );
  });

  test.each([
    [
      "one of another API group",
      { apiVersion: "example.com/v1", kind: "PersistentVolume", metadata: { name: "pv-1" } },
    ],
    ["a second one", volume("pv-1", "tenant-acme")],
  ])("fails it beside %s, in any order", (_, other) => {
    const bound = volume("pv-1", "tenant-globex");
    expect(found({ volumeName: "pv-1" }, [bound, other])).toEqual(usedByGlobex);
    expect(found({ volumeName: "pv-1" }, [other, bound])).toEqual(usedByGlobex);
  });

  test("fails a volume that only another API group has, or one whose group is not known", () => {
    const decoy = (apiVersion: unknown) =>
      ({ ...volume("pv-1", "tenant-acme"), apiVersion }) as KubernetesObject;
    expect(found({ volumeName: "pv-1" }, [decoy("example.com/v1")])).toEqual([
      ["", 'cannot be decided: PersistentVolume "pv-1" is not in the graph'],
    ]);
    expect(found({ volumeName: "pv-1" }, [decoy(UNKNOWN)])).toEqual([
      ["", "cannot be decided: apiVersion of PersistentVolume pv-1 is not known"],
    ]);
  });

  test.each([share, handle])("fails another volume of the same storage %o", (source) => {
    const volumes = [
      volume("pv-1", "tenant-acme", source),
      volume("pv-2", "tenant-globex", source),
      volume("pv-3", "tenant-initech", { nfs: { server: "10.0.0.1", path: "/other" } }),
    ];
    expect(found({ volumeName: "pv-1" }, volumes)).toEqual(usedByGlobex);
  });

  test("fails a class that is none of the cluster's", () => {
    const fast = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "fast" },
    };
    expect(found({ storageClassName: "fast" }, [fast])).toEqual([]);
    expect(found({ storageClassName: "shared" }, [fast])).toEqual([
      ["spec.storageClassName", 'there is no StorageClass "shared" on the cluster'],
    ]);
  });

  test("fails a class that is another API group's, or of none, and judges by none of these", () => {
    const named = (apiVersion: unknown, name: string) =>
      ({ apiVersion, kind: "StorageClass", metadata: { name } }) as KubernetesObject;
    const fast = named("storage.k8s.io/v1", "fast");
    const shared = { storageClassName: "shared" };
    expect(found(shared, [fast, named("example.com/v1", "shared")])).toEqual([
      ["spec.storageClassName", 'there is no StorageClass "shared" on the cluster'],
    ]);
    expect(found(shared, [fast, named(UNKNOWN, "shared")])).toEqual([
      ["", "cannot be decided: apiVersion of StorageClass shared is not known"],
    ]);
    for (const other of ["example.com/v1", undefined]) {
      expect(found(shared, [named(other, "fast")])).toEqual([]);
    }
    expect(found(shared, [fast, named(undefined, "shared")])).toEqual([
      ["spec.storageClassName", 'there is no StorageClass "shared" on the cluster'],
    ]);
  });

  test("fails a class that is none of the cluster's in the annotation of old, which overrules the field", () => {
    const key = "volume.beta.kubernetes.io/storage-class";
    const fast = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "fast" },
    };
    const mine = claim({ storageClassName: "fast" });
    const annotated = (value: string) => ({
      ...mine,
      metadata: { ...mine.metadata, annotations: { [key]: value } },
    });
    const objects = [objectNode(fast, scopeOfTenant())];
    const fields = (value: string) =>
      findingsOf(graphOf([annotated(value)], "acme", { objects }))
        .filter(({ rule }) => rule === p1Data1.id)
        .map(({ field, message }) => [field, message]);
    expect(fields("fast")).toEqual([]);
    expect(fields("shared")).toEqual([
      [`metadata.annotations["${key}"]`, 'there is no StorageClass "shared" on the cluster'],
    ]);
  });
});

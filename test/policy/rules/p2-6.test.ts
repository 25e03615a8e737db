import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import type { GraphContent, MirrorNode } from "../../../lib/policy/graph/graph";
import {
  graphFromManifests,
  graphFromResources,
} from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule6 } from "../../../lib/policy/rules/p2-6";
import { signImage } from "../../../lib/signing/image-signature";
import { ACME, CHART_KEY, CLUSTER, PLATFORM, SIGNED_IMAGE } from "../compliant-facts";
import { workload } from "../rule-cases";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWithObject, IMAGE, smallContent } from "../small-objects";
import type { Tree } from "../small-objects";

const TARGET = "registry.atom.example:5000";
const OTHER = `sha256:${"b".repeat(64)}`;
const SIGNATURE = signImage(SIGNED_IMAGE, CHART_KEY);
const FOUND = {
  object: "Deployment tenant-acme/api",
  field: "spec.template.spec.containers[0].image",
};

const withImage = (image: unknown) =>
  graphWithObject(AT.deployment, (object) => {
    object["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image as Tree;
  });

/** The small graph with a mirror, and nothing about images in its chart. */
function withMirror(
  fields: Readonly<Record<string, unknown>>,
  content: Partial<GraphContent> = {},
) {
  const small = smallContent();
  const charts = small.charts.map((chart) => ({ ...chart, imageSignatures: [] }));
  const mirror = {
    ...{ id: `mirror ${CLUSTER}/images`, scope: PLATFORM, target: TARGET, images: { api: IMAGE } },
    ...fields,
  } as MirrorNode;
  return new ResourceGraph({ ...small, charts, mirrors: [mirror], ...content });
}

describe("P2-6 on images", () => {
  test("looks at the chart, and at each container of a cluster that something is known of", () => {
    expectPass(p2Rule6, [{ scope: ACME, examined: 4 }]);
  });

  test("does not apply where no mirror and no chart says which signatures there are", () => {
    expect(evaluate(new ResourceGraph({ ...smallContent(), charts: [] }), [p2Rule6])).toEqual([]);
    const elsewhere = { ...smallContent().charts[0]!, scope: { cluster: "us-prod" } };
    const graph = new ResourceGraph({ ...smallContent(), charts: [elsewhere] });
    expect(findingsOf(graph, p2Rule6)).toEqual([]);
  });

  test("takes a signature that the mirror knows of, and a tag beside the digest", () => {
    expect(findingsOf(withMirror({ imageSignatures: [SIGNATURE] }), p2Rule6)).toEqual([]);
    expect(findingsOf(withImage(IMAGE.replace("@", ":1@")), p2Rule6)).toEqual([]);
  });

  test.each([
    // Found by P2-1, by P1-DATA-5, and by nobody.
    `${TARGET}/atom/api:1`,
    `${TARGET}/tenant-globex/api@${OTHER}`,
    IMAGE,
  ])("has nothing against %s", (image) => {
    expect(findingsOf(withImage(image), p2Rule6)).toEqual([]);
  });

  test("leaves an image that is not in the lock to P2-10", () => {
    const mirror = withMirror({ imageSignatures: [], images: {} });
    expect(findingsOf(mirror, p2Rule6)).toEqual([]);
  });

  test.each([`${TARGET}/atom/api@${OTHER}`, `${TARGET}/tenant-acme/api@${OTHER}`])(
    "fails for %s, which no signature names",
    (image) => {
      expectFindings(withImage(image), p2Rule6, [
        { ...FOUND, message: `no signature names ${image}` },
      ]);
    },
  );

  test("fails for an image that a volume mounts and no signature names", () => {
    const image = `${TARGET}/atom/models@${OTHER}`;
    const graph = graphWithObject(AT.deployment, (object) => {
      const pod = object["spec"]!["template"]!["spec"]!;
      pod["volumes"] = [{ name: "models", image: { reference: image } }] as unknown as Tree;
    });
    expectFindings(graph, p2Rule6, [
      {
        object: FOUND.object,
        field: "spec.template.spec.volumes[0].image.reference",
        message: `no signature names ${image}`,
      },
    ]);
  });

  test("fails for a signature that names the image in its record alone", () => {
    const foreign = signImage({ ...SIGNED_IMAGE, repository: "evil.example/api" }, CHART_KEY);
    const renamed = { ...foreign, repository: SIGNED_IMAGE.repository };
    expect(findingsOf(withMirror({ imageSignatures: [renamed] }), p2Rule6)).toHaveLength(3);
  });

  test("fails for an image whose copy or verification failed, signed as it is", () => {
    const unmirrored = { api: "is not mirrored: its copy failed (the registry timed out)" };
    const graph = withMirror({ imageSignatures: [SIGNATURE], unmirrored });
    expect(findingsOf(graph, p2Rule6)).toMatchObject([
      { ...FOUND, message: `${IMAGE} "${unmirrored.api}"` },
      { object: "StatefulSet tenant-acme/store" },
      { object: "Job tenant-acme/migrate" },
    ]);
  });

  test("fails for an init container behind a CronJob, and for the platform's", () => {
    const path = ["spec", "initContainers", 1, "image"];
    const image = `ghcr.io/other/proxy@${OTHER}`;
    const object = workload("CronJob", [], [[path, image]]);
    const objects = [{ id: "CronJob tenant-acme/x", scope: PLATFORM, object }];
    const graph = withMirror({ imageSignatures: [SIGNATURE] }, { objects });
    const found = findingsOf(graph, p2Rule6);
    expect(found).toHaveLength(6);
    expect(found).toContainEqual(
      expect.objectContaining({
        field: "spec.jobTemplate.spec.template.spec.initContainers[1].image",
        message: `no signature names ${image}`,
      }),
    );
  });

  test("S6 fails for what is not known yet", () => {
    expect(findingsOf(withImage(UNKNOWN), p2Rule6)).toMatchObject([
      { field: FOUND.field, cause: "undecided" },
    ]);
    for (const [field, value, place = field] of [
      ["imageSignatures", UNKNOWN],
      ["unmirrored", UNKNOWN],
      ["unmirrored", { api: UNKNOWN }, "unmirrored.api"],
    ] as const) {
      const graph = withMirror({ imageSignatures: [SIGNATURE], [field]: value });
      const found = findingsOf(graph, p2Rule6).filter(({ cause }) => cause === "undecided");
      expect(found).toMatchObject([{ object: `mirror ${CLUSTER}/images`, field: place }]);
    }
  });

  test("takes its facts from the components", () => {
    const resource = (type: string, name: string, inputs: Record<string, unknown>) => {
      const urn = `urn:${type}::${name}`;
      return { type: `atom:index:${type}`, name, urn, inputs, dependencies: [], protect: false };
    };
    const unmirrored = { worker: "is not mirrored" };
    const { mirrors, charts } = graphFromResources([
      resource("RegistryMirror", "images", {
        ...{ cluster: CLUSTER, target: TARGET, images: { api: IMAGE } },
        ...{ imageSignatures: [SIGNATURE], unmirrored },
      }),
      resource("AtomChart", "acme", {
        ...{ cluster: CLUSTER, tenant: "acme" },
        chart: { reference: "x", signatures: [], imageSignatures: [SIGNATURE] },
      }),
    ]);
    expect(mirrors).toMatchObject([{ imageSignatures: [SIGNATURE], unmirrored }]);
    expect(charts).toMatchObject([{ imageSignatures: [SIGNATURE] }]);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const fields of [
      { imageSignatures: value },
      { imageSignatures: [value] },
      { imageSignatures: [{ ...SIGNATURE, payload: value, digest: value }] },
      { unmirrored: value },
      { unmirrored: { api: value } },
      { images: value, unmirrored: { api: "x" } },
    ]) {
      const causes = findingsOf(withMirror(fields), p2Rule6).map(({ cause }) => cause);
      expect(causes).not.toContain("error");
    }
  });
});

interface Admission {
  readonly title: string;
  readonly good: object;
  readonly bad: object;
  readonly findings: readonly (readonly [field: string, message: string])[];
}

const metadata = { name: "images" };
const clusterPolicy = (spec: object) => ({
  apiVersion: "kyverno.io/v1",
  kind: "ClusterPolicy",
  metadata,
  spec,
});
const verifying = (more: object) => ({
  name: "signed",
  verifyImages: [{ imageReferences: ["*"], ...more }],
});
const webhooks = (failurePolicy?: string) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: "policy.sigstore.dev" },
  webhooks: [{ name: "policy.sigstore.dev", failurePolicy }],
});
const imagePolicy = (spec: object) => ({
  apiVersion: "policy.sigstore.dev/v1beta1",
  kind: "ClusterImagePolicy",
  metadata,
  spec: { images: [{ glob: "**" }], ...spec },
});
const controller = (data: object) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "config-policy-controller", namespace: "cosign-system" },
  data,
});
const validatingPolicy = (spec: object) => ({
  apiVersion: "policies.kyverno.io/v1",
  kind: "ImageValidatingPolicy",
  metadata,
  spec,
});

const ADMISSIONS: readonly Admission[] = [
  {
    title: "a policy of sigstore's that warns, or takes everything",
    good: imagePolicy({ authorities: [{ key: { data: "PEM" } }, { static: { action: "fail" } }] }),
    bad: imagePolicy({ mode: "warn", authorities: [{ static: { action: "pass" } }] }),
    findings: [
      ["spec.mode", 'is "warn"; allowed is enforce'],
      ["spec.authorities[0].static.action", "is pass, which takes every image"],
    ],
  },
  {
    title: "a controller that takes what no policy matches",
    good: controller({ "no-match-policy": "deny" }),
    bad: controller({ "no-match-policy": "warn", "fail-on-empty-authorities": "false" }),
    findings: [
      ["data.no-match-policy", 'is "warn"; allowed is deny'],
      ["data.fail-on-empty-authorities", 'is "false"; allowed is true'],
    ],
  },
  {
    title: "a webhook that lets pass what it has no answer for",
    good: webhooks(),
    bad: webhooks("Ignore"),
    findings: [["webhooks[0].failurePolicy", 'is "Ignore"; allowed is Fail']],
  },
  {
    title: "a policy of Kyverno's that audits, or is ignored when it fails",
    good: clusterPolicy({ rules: [verifying({ failureAction: "Enforce" })] }),
    bad: clusterPolicy({
      webhookConfiguration: { failurePolicy: "Ignore" },
      validationFailureAction: "enforce",
      rules: [
        { name: "labels" },
        verifying({ failureAction: "Audit", required: false }),
        verifying({}),
      ],
    }),
    findings: [
      ["spec.webhookConfiguration.failurePolicy", 'is "Ignore"; allowed is Fail'],
      ["spec.rules[1].verifyImages[0].failureAction", 'is "Audit"; allowed is Enforce'],
      [
        "spec.rules[1].verifyImages[0].required",
        "is false, which takes an image without a signature",
      ],
    ],
  },
  {
    title: "a policy of Kyverno's without an action",
    good: clusterPolicy({ validationFailureAction: "Enforce", rules: [verifying({})] }),
    bad: clusterPolicy({ rules: [verifying({})] }),
    findings: [["spec.rules[0].verifyImages[0].failureAction", 'is "Audit"; allowed is Enforce']],
  },
  {
    title: "a validating policy of Kyverno's that does not deny",
    good: validatingPolicy({}),
    bad: validatingPolicy({
      failurePolicy: "Ignore",
      validationActions: ["Audit"],
      validationConfigurations: { required: false },
    }),
    findings: [
      ["spec.failurePolicy", 'is "Ignore"; allowed is Fail'],
      ["spec.validationActions", "lacks Deny"],
      ["spec.validationConfigurations.required", "is false, which takes what is not verified"],
    ],
  },
];

describe("P2-6 on what admits images", () => {
  const found = (...items: object[]) =>
    findingsOf(graphFromManifests([{ apiVersion: "v1", kind: "List", items }]), p2Rule6).map(
      ({ field, message }) => [field, message],
    );

  test.each(ADMISSIONS)("fails for $title", ({ good, bad, findings }) => {
    expect(found(good)).toEqual([]);
    expect(found(bad)).toEqual(findings);
  });

  test("has nothing to say on a ConfigMap, a webhook or a policy about anything else", () => {
    const others = [
      { ...controller({ "no-match-policy": "allow" }), metadata: { name: "app" } },
      { ...webhooks("Ignore"), webhooks: [{ name: "sidecar.example", failurePolicy: "Ignore" }] },
      clusterPolicy({ rules: [{ name: "labels" }], failurePolicy: "Ignore" }),
      { ...imagePolicy({ mode: "warn" }), apiVersion: "example.com/v1" },
    ];
    expect(evaluate(graphFromManifests(others), [p2Rule6])).toEqual([]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const object of [
      imagePolicy({ mode: UNKNOWN }),
      controller({ "no-match-policy": UNKNOWN }),
      clusterPolicy({ rules: UNKNOWN }),
    ]) {
      expect(found(object)).toEqual([[expect.any(String), expect.stringMatching("not known yet")]]);
    }
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const object of [
      imagePolicy({ mode: value, authorities: value }),
      { ...controller({}), data: value },
      { ...webhooks(), webhooks: [{ name: "policy.sigstore.dev" }, value] },
      clusterPolicy({ failurePolicy: value, rules: [verifying({}), value] }),
      validatingPolicy({ validationActions: value }),
    ]) {
      const causes = findingsOf(graphFromManifests([object]), p2Rule6).map(({ cause }) => cause);
      expect(causes).not.toContain("error");
    }
  });
});

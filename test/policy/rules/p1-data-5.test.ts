import { describe, expect, test } from "vitest";
import { graphFromManifests } from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p1Data5 } from "../../../lib/policy/rules/p1-data-5";
import { ACME, CHART_DIGEST } from "../compliant-facts";
import { compliantTenant } from "../compliant-objects";
import { workload } from "../rule-cases";
import { expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith, graphWithObject } from "../small-objects";

const DIGEST = `@sha256:${"a".repeat(64)}`;
const MIRROR = "registry.atom.example:5000";
const IN_MIRROR = `allowed is ${MIRROR}/atom/… or ${MIRROR}/tenant-acme/…`;
const ANYWHERE = "allowed is <registry>/atom/… or <registry>/tenant-acme/…";

const CHART = `${MIRROR}/atom/charts/services@${CHART_DIGEST}`;
const withChart = (reference: unknown) =>
  graphWith(({ charts }) => (charts[0]!.reference = reference as string));

const withImage = (image: unknown) =>
  graphWithObject(AT.deployment, (object) => {
    const containers = object["spec"]!["template"]!["spec"]!["containers"]!;
    containers[0]!["image"] = image as never;
  });

/** Plain manifests have no chart that tells where the mirror is. */
const inManifests = (image: string) =>
  findingsOf(
    graphFromManifests([
      ...compliantTenant(),
      workload("CronJob", [], [[["spec", "initContainers", 0, "image"], image]]),
    ]),
    p1Data5,
  ).map(({ object, field, message }) => [object, field, message]);

describe("P1-DATA-5", () => {
  test("looks at each container and each chart of a tenant", () => {
    expectPass(p1Data5, [{ scope: ACME, examined: 4 }]);
  });

  test.each(["atom/api", "tenant-acme/team/api"])("passes %s in the mirror", (repository) => {
    expect(findingsOf(withImage(`${MIRROR}/${repository}:1${DIGEST}`), p1Data5)).toEqual([]);
  });

  test.each([
    `${MIRROR}/tenant-acme2/api`,
    `${MIRROR}/tenant-globex/atom/api`,
    `${MIRROR}/evil/atom/api`,
    `${MIRROR}/atom`,
    `${MIRROR}.evil.example/atom/api`,
    "docker.io/atom/api",
    "api:1",
  ])("fails for the image %s", (image) => {
    expect(findingsOf(withImage(image + DIGEST), p1Data5)).toMatchObject([
      {
        object: "Deployment tenant-acme/api",
        field: "spec.template.spec.containers[0].image",
        message: `is "${image}"; ${IN_MIRROR}`,
      },
    ]);
  });

  test.each(["harbor.example/platform/atom/api", "localhost:5000/tenant-acme/api"])(
    "passes %s where no chart tells the mirror",
    (image) => {
      expect(inManifests(image + DIGEST)).toEqual([]);
    },
  );

  test.each([
    "atom/api",
    "registry.example/tenant-globex/api",
    "registry.example/library/atom",
    "registry.example/tenant-globex/atom/api",
  ])("fails for %s where no chart tells the mirror", (image) => {
    expect(inManifests(image + DIGEST)).toEqual([
      [
        "CronJob tenant-acme/x",
        "spec.jobTemplate.spec.template.spec.initContainers[0].image",
        `is "${image}"; ${ANYWHERE}`,
      ],
    ]);
  });

  test("fails for an image that a volume mounts", () => {
    const mounting = (reference: unknown) =>
      findingsOf(
        graphWithObject(AT.deployment, (object) => {
          const pod = object["spec"]!["template"]!["spec"]!;
          pod["volumes"] = [
            { name: "x", emptyDir: {} },
            { name: "y", image: { reference } },
          ] as never;
        }),
        p1Data5,
      ).map(({ field, message }) => [field, message]);
    const field = "spec.template.spec.volumes[1].image.reference";
    expect(mounting(`${MIRROR}/atom/models${DIGEST}`)).toEqual([]);
    expect(mounting(`${MIRROR}/tenant-globex/models${DIGEST}`)).toEqual([
      [field, `is "${MIRROR}/tenant-globex/models"; ${IN_MIRROR}`],
    ]);
    expect(mounting(UNKNOWN)).toEqual([[field, `cannot be decided: ${field} is not known yet`]]);
  });

  test("passes a chart below the mirror's path, and in the tenant's project", () => {
    for (const path of ["platform/atom/charts/services", "tenant-acme/services"]) {
      const graph = graphWith((content) => {
        content.charts[0]!.reference = `harbor.example/${path}@${CHART_DIGEST}`;
        content.objects = [];
      });
      expect(findingsOf(graph, p1Data5)).toEqual([]);
    }
  });

  test.each(["tenant-globex/atom/charts/services", "library/services"])(
    "fails for the chart %s",
    (path) => {
      const reference = `harbor.example/${path}@${CHART_DIGEST}`;
      const graph = graphWith((content) => {
        content.charts[0]!.reference = reference;
        content.objects = [];
      });
      expect(findingsOf(graph, p1Data5)).toMatchObject([
        {
          object: "chart tenant-acme",
          field: "reference",
          message: `is "harbor.example/${path}"; ${ANYWHERE}`,
        },
      ]);
    },
  );

  test("S6 fails for an unknown image or reference", () => {
    expect(findingsOf(withImage(UNKNOWN), p1Data5)).toMatchObject([{ cause: "undecided" }]);
    expect(findingsOf(withChart(UNKNOWN), p1Data5)).toMatchObject([
      { object: "chart tenant-acme", field: "reference", cause: "undecided" },
    ]);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    const findings = [withImage(value), withChart(value), withChart([CHART, value])].flatMap(
      (graph) => findingsOf(graph, p1Data5),
    );
    expect(findings.map(({ cause }) => cause)).not.toContain("error");
  });
});

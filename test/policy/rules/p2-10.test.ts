import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import type { MirrorNode } from "../../../lib/policy/graph/graph";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import { graphFromResources } from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule10 } from "../../../lib/policy/rules/p2-10";
import { ACME, CLUSTER, PLATFORM } from "../compliant-facts";
import { workload } from "../rule-cases";
import { expectFindings, findingsOf, HOSTILE } from "../rule-harness";
import { AT, IMAGE, smallContent } from "../small-objects";
import type { Tree } from "../small-objects";

const TARGET = "registry.atom.example:5000";
const REPOSITORY = `${TARGET}/atom/api`;
const OLDER = `sha256:${"0".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;
const DIGEST = IMAGE.split("@")[1]!;
const FIELD = "spec.template.spec.containers[0].image";

function graph({
  image = IMAGE as unknown,
  volumes = undefined as unknown,
  mirror = {} as object,
}) {
  const content = smallContent();
  const deployment = content.objects[AT.deployment]!.object as unknown as Tree;
  deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image as Tree;
  if (volumes !== undefined) {
    deployment["spec"]!["template"]!["spec"]!["volumes"] = volumes as Tree;
  }
  const node: MirrorNode = {
    id: `mirror ${CLUSTER}/images`,
    scope: PLATFORM,
    target: TARGET,
    images: { api: IMAGE, "api:0": `${REPOSITORY}@${OLDER}` },
    ...mirror,
  };
  return new ResourceGraph({ ...content, mirrors: [node] });
}

describe("P2-10", () => {
  test("looks at each mirror, and each container of its cluster", () => {
    expect(evaluate(graph({}), [p2Rule10])).toEqual([
      { rule: "P2-10", scope: PLATFORM, examined: 1, findings: [] },
      { rule: "P2-10", scope: ACME, examined: 3, findings: [] },
    ]);
  });

  test.each([
    `${REPOSITORY}:1.0@${OLDER}`,
    `${TARGET}/tenant-acme/api@${OTHER}`,
    `registry.example/atom/api@${OTHER}`,
    // P2-1 says what is wrong with it.
    `${REPOSITORY}:1.0`,
  ])("has nothing against %s", (image) => {
    expect(findingsOf(graph({ image }), p2Rule10)).toEqual([]);
  });

  test("fails for another digest of an image that a volume mounts", () => {
    const volumes = [{ name: "x", image: { reference: `${REPOSITORY}@${OTHER}` } }];
    expect(findingsOf(graph({ volumes }), p2Rule10)).toMatchObject([
      {
        field: "spec.template.spec.volumes[0].image.reference",
        message: `has ${OTHER}; the image lock has ${DIGEST}, ${OLDER}`,
      },
    ]);
  });

  test("fails for another digest than the lock's, and for what the lock does not have", () => {
    expectFindings(graph({ image: `${REPOSITORY}:1@${OTHER}` }), p2Rule10, [
      {
        object: "Deployment tenant-acme/api",
        field: FIELD,
        message: `has ${OTHER}; the image lock has ${DIGEST}, ${OLDER}`,
      },
    ]);
    expectFindings(graph({ image: `${TARGET}/atom/apis@${DIGEST}` }), p2Rule10, [
      {
        object: "Deployment tenant-acme/api",
        field: FIELD,
        message: `"${TARGET}/atom/apis" is not in the image lock`,
      },
    ]);
  });

  test("fails for an init container behind a CronJob", () => {
    const path = ["spec", "initContainers", 1, "image"];
    const object = workload("CronJob", [], [[path, `${REPOSITORY}@${OTHER}`]]);
    const { mirrors } = graph({});
    const objects = [{ id: "CronJob tenant-acme/x", scope: ACME, object }];
    expect(findingsOf(new ResourceGraph({ objects, mirrors }), p2Rule10)).toMatchObject([
      { field: "spec.jobTemplate.spec.template.spec.initContainers[1].image" },
    ]);
  });

  test("fails for a mirror whose lock has a tag", () => {
    const images = { api: IMAGE, worker: `${TARGET}/atom/worker:1` };
    expectFindings(graph({ mirror: { images } }), p2Rule10, [
      {
        object: `mirror ${CLUSTER}/images`,
        scope: PLATFORM,
        field: "images",
        message: `"worker" is "${TARGET}/atom/worker:1"; allowed is repository@sha256:…`,
      },
    ]);
  });

  test("does not apply where no mirror is in the graph", () => {
    expect(findingsOf(new ResourceGraph(smallContent()), p2Rule10)).toEqual([]);
    const elsewhere = { scope: { cluster: "us-prod" } };
    expect(
      findingsOf(graph({ image: `${REPOSITORY}@${OTHER}`, mirror: elsewhere }), p2Rule10),
    ).toEqual([]);
  });

  test("takes the mirror from its component", () => {
    const inputs = { cluster: CLUSTER, target: TARGET, images: { api: IMAGE } };
    const type = "atom:index:RegistryMirror";
    const resource = { type, name: "images", urn: "urn", inputs, dependencies: [], protect: false };
    expect(graphFromResources([resource]).mirrors).toEqual([
      { id: `mirror ${CLUSTER}/images`, scope: PLATFORM, target: TARGET, images: { api: IMAGE } },
    ]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const mirror of [{ target: UNKNOWN }, { images: UNKNOWN }, { images: { a: UNKNOWN } }]) {
      expect(findingsOf(graph({ mirror }), p2Rule10)[0]).toMatchObject({ cause: "undecided" });
    }
    expect(findingsOf(graph({ image: UNKNOWN }), p2Rule10)).toMatchObject([
      { field: FIELD, cause: "undecided" },
    ]);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const mirror of [{ target: value }, { images: value }, { images: { a: value } }]) {
      const causes = findingsOf(graph({ image: value, mirror }), p2Rule10).map((row) => row.cause);
      expect(causes).not.toContain("error");
    }
  });
});

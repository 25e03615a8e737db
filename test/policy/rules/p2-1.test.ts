import { describe, expect, test } from "vitest";
import { shown } from "../../../lib/policy/reading/shown";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule1 } from "../../../lib/policy/rules/p2-1";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWithObject, IMAGE } from "../small-objects";

const OBJECT = "Deployment tenant-acme/api";

function withImage(image: unknown, role = "containers") {
  return graphWithObject(AT.deployment, (object) => {
    const pod = object["spec"]!["template"]!["spec"]!;
    const container = { ...pod["containers"]![0]!, image };
    if (role === "containers") pod[role] = [container] as never;
    else pod[role] = [{ name: "other", image }] as never;
  });
}

describe("P2-1", () => {
  test("looks at each container of each pod", () => {
    expectPass(p2Rule1, [{ scope: ACME, examined: 3 }]);
  });

  test("takes a digest with a tag beside it", () => {
    const image = IMAGE.replace("@", ":7.2.0@");
    expect(findingsOf(withImage(image), p2Rule1)).toEqual([]);
  });

  test.each([
    ["registry.example/api:latest"],
    ["registry.example/api"],
    [IMAGE.toUpperCase()],
    [IMAGE.replace("sha256", "sha512")],
    [`${IMAGE}0`],
    [`${IMAGE}\n`],
    [`@sha256:${"a".repeat(64)}`],
  ])("R5 fails for %j", (image) => {
    expectFindings(withImage(image), p2Rule1, [
      {
        object: OBJECT,
        field: "spec.template.spec.containers[0].image",
        message: `image is ${shown(image)}; allowed is repository@sha256:…`,
      },
    ]);
  });

  test.each(["initContainers", "ephemeralContainers"])("fails for a tag among the %s", (role) => {
    expectFindings(withImage("busybox:1", role), p2Rule1, [
      {
        object: OBJECT,
        field: `spec.template.spec.${role}[0].image`,
        message: 'image is "busybox:1"; allowed is repository@sha256:…',
      },
    ]);
  });

  const withVolumes = (volumes: unknown) =>
    graphWithObject(AT.deployment, (object) => {
      object["spec"]!["template"]!["spec"]!["volumes"] = volumes as never;
    });

  test("fails for a tag of an image that a volume mounts", () => {
    const volumes = [
      { name: "a", image: { reference: IMAGE } },
      { name: "b", emptyDir: {} },
    ];
    expect(findingsOf(withVolumes(volumes), p2Rule1)).toEqual([]);
    expectFindings(
      withVolumes([...volumes, { name: "c", image: { reference: "models:1" } }]),
      p2Rule1,
      [
        {
          object: OBJECT,
          field: "spec.template.spec.volumes[2].image.reference",
          message: 'image is "models:1"; allowed is repository@sha256:…',
        },
      ],
    );
  });

  test.each([
    ["", UNKNOWN],
    ["[0]", [UNKNOWN]],
    ["[0].image", [{ name: "a", image: UNKNOWN }]],
    ["[0].image.reference", [{ name: "a", image: { reference: UNKNOWN } }]],
  ])("S6 fails for volumes%s that are not known yet, once", (field, volumes) => {
    const at = `spec.template.spec.volumes${field}`;
    expect(findingsOf(withVolumes(volumes), p2Rule1)).toMatchObject([
      { object: OBJECT, cause: "undecided", message: `cannot be decided: ${at} is not known yet` },
    ]);
  });

  test.each(HOSTILE)("does not crash for the volumes %s", (volumes) => {
    const causes = findingsOf(withVolumes(volumes), p2Rule1).map(({ cause }) => cause);
    expect(causes).not.toContain("error");
  });

  test("fails for a container without an image", () => {
    expectFindings(withImage(undefined), p2Rule1, [
      {
        object: OBJECT,
        field: "spec.template.spec.containers[0].image",
        message: "image is not set; allowed is repository@sha256:…",
      },
    ]);
  });

  test("S6 fails for an image that is not known yet", () => {
    expect(findingsOf(withImage(UNKNOWN), p2Rule1)).toMatchObject([
      {
        object: OBJECT,
        field: "spec.template.spec.containers[0].image",
        cause: "undecided",
        message: "cannot be decided: spec.template.spec.containers[0].image is not known yet",
      },
    ]);
  });

  test.each(HOSTILE)("fails, and does not crash, for the image %s", (image) => {
    expect(findingsOf(withImage(image), p2Rule1)).toHaveLength(1);
  });
});

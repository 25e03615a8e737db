import { describe, expect, test } from "vitest";
import { problemsAfter } from "./example";
import type { Loose } from "./example";

/** The message without the line, which the changed example's writer decides. */
const problems = (change: (fleet: Loose) => void) =>
  problemsAfter(change).map((line) => {
    expect(line).toMatch(/ \(line \d+\): /);
    return line.replace(/ \(line \d+\)/, "");
  });
const text = (value: unknown) => value as Loose;

const waiver = {
  rule: "P1-POD-8",
  object: "Deployment tenant-acme/api",
  reason: "nodes are not shared",
  expires: "2027-01-31",
  owner: "platform@atom.example",
};

describe("fails on", () => {
  test.each<[string, (fleet: Loose) => void, string[]]>([
    [
      "two tenants of one name",
      (f) => (f.tenants![2]!.name = text("acme")),
      [' - tenants[2].name: "acme" is already the name of tenants[0]'],
    ],
    [
      "two images of one name",
      (f) => (f.images![4]!.name = text("api")),
      [' - images[4].name: "api" is already the name of images[0]'],
    ],
    [
      "two clusters of one name",
      (f) => (f.clusters![1]!.name = text("eu-prod")),
      [' - clusters[1].name: "eu-prod" is already the name of clusters[0]'],
    ],
    [
      "two clusters in one region",
      (f) => (f.clusters![1]!.region = text("eu-west")),
      [
        ' - regions[0].name: region "eu-west" needs exactly one cluster, and has eu-prod and us-prod',
        ' - regions[1].name: region "us-east" needs exactly one cluster, and has none',
      ],
    ],
    [
      "a cluster in an unknown region",
      (f) => (f.clusters![1]!.region = text("us-eats")),
      [
        ' - clusters[1].region: unknown region "us-eats"; did you mean "us-east"?',
        ' - regions[1].name: region "us-east" needs exactly one cluster, and has none',
      ],
    ],
    [
      "a tenant in an unknown region",
      (f) => (f.tenants![1]!.regions = text(["asia"])),
      [' - tenants[1].regions[0]: unknown region "asia"; known: "eu-west", "us-east"'],
    ],
    [
      "a service with an unknown image",
      (f) => (f.tenants![0]!.services!.reports!.image = text("workr")),
      [' - tenants[0].services.reports.image: unknown image "workr"; did you mean "worker"?'],
    ],
    [
      "a region's service with an unknown image",
      (f) => (f.regions![0]!.values!.services!.api!.image = text("apy")),
      [' - regions[0].values.services.api.image: unknown image "apy"; did you mean "api"?'],
    ],
    [
      "an image that the chart's own services need",
      (f) => (f.images![1]!.name = text("other")),
      [' - images: image "console" is missing; the service "console" runs it'],
    ],
    [
      "a service of one's own without a port",
      (f) => delete f.tenants![0]!.services!.reports!.port,
      [
        ' - tenants[0].services.reports.port: missing; a number is required (in region "eu-west")',
        ' - tenants[0].services.reports.port: missing; a number is required (in region "us-east")',
      ],
    ],
    [
      "values that contradict each other across layers",
      (f) => {
        f.regions![0]!.values!.services!.worker = text({ replicas: 9 });
        f.tenants![1]!.services!.worker = text({ autoscaling: { enabled: true, maxReplicas: 3 } });
      },
      [
        ` - tenants[1].services.worker.autoscaling.maxReplicas: 'maxReplicas' (3) must be at least 'replicas' (9) (in region "eu-west")`,
      ],
    ],
    [
      "a value of the region's, once for all its tenants",
      (f) => {
        const autoscaling = { enabled: true, maxReplicas: 3 };
        f.regions![0]!.values!.services!.worker = text({ replicas: 9, autoscaling });
      },
      [
        ` - regions[0].values.services.worker.autoscaling.maxReplicas: 'maxReplicas' (3) must be at least 'replicas' (9) (for tenant "acme")`,
      ],
    ],
    [
      "a value of the region's that one tenant's does not go with",
      (f) => {
        f.regions![0]!.values!.services!.worker = text({
          autoscaling: { enabled: true, maxReplicas: 3 },
        });
        f.tenants![1]!.services!.worker = text({ replicas: 9 });
      },
      [
        ` - regions[0].values.services.worker.autoscaling.maxReplicas: 'maxReplicas' (3) must be at least 'replicas' (9) (for tenant "globex")`,
      ],
    ],
    [
      "a region's service that does not go with a default",
      (f) => (f.regions![0]!.values!.services!.worker = text({ port: 9090 })),
      [
        ` - regions[0].values.services.worker.metricsPort: port 9090 is used twice, for http and for metrics; choose two ports (for tenant "acme")`,
      ],
    ],
    [
      "a region's own service without a port",
      (f) => (f.regions![0]!.values!.services!.more = text({ image: "api" })),
      [
        ' - regions[0].values.services.more.port: missing; a number is required (for tenant "acme")',
      ],
    ],
    [
      "a tenant's service that does not go with a default",
      (f) => (f.tenants![1]!.services!.worker = text({ port: 9090 })),
      [
        ` - tenants[1].services.worker.metricsPort: port 9090 is used twice, for http and for metrics; choose two ports (in region "eu-west")`,
      ],
    ],
    [
      "a secret that the tenant did not opt into",
      (f) => (f.tenants![2]!.services!.api!.secrets = text(["database", "smtp"])),
      [
        ' - tenants[2].services.api.secrets[1]: unknown secret of tenant "initech" "smtp"; known: "database", "license"',
      ],
    ],
    [
      "one Vault for both",
      (f) => (f.vault!.secondary = text("https://vault-a.atom.example:8200/")),
      [
        " - vault.secondary: the secondary Vault is the primary one; a replica needs a server of its own",
      ],
    ],
    [
      "a waiver that is there twice",
      (f) => (f.waivers = text([waiver, { ...waiver, reason: "again" }])),
      [
        ' - waivers[1]: "P1-POD-8 for Deployment tenant-acme/api" is already the name of waivers[0]',
      ],
    ],
    [
      "a waiver of no rule, no end and no owner",
      (f) => (f.waivers = text([{ ...waiver, rule: "P8-1", expires: "2027-02-30", owner: " " }])),
      [
        ' - waivers[0].rule: unknown rule "P8-1"; did you mean "P2-1"?',
        " - waivers[0].expires: is no date; write it as 2027-01-31",
        " - waivers[0].owner: a text of 1 to 500 characters is required",
      ],
    ],
    [
      "a waiver with an open end",
      (f) => (f.waivers = text([{ ...waiver, expires: undefined }])),
      [" - waivers[0].expires: missing; a string is required"],
    ],
  ])("%s", (_, change, expected) => {
    expect(problems(change)).toEqual(expected);
  });
});

test("a sound waiver passes", () => {
  expect(problems((f) => (f.waivers = text([waiver, { ...waiver, rule: "P2-3" }])))).toEqual([]);
});

test("a disabled service needs no image", () => {
  const change = (f: Loose) => {
    f.images = text(
      (f.images as unknown as { name: string }[]).filter(({ name }) => name !== "console"),
    );
    f.regions![0]!.values!.services!.console = text({ enabled: false });
    f.regions![1]!.values!.services!.console = text({ enabled: false });
  };
  expect(problems(change)).toEqual([]);
});

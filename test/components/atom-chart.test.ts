import { beforeAll, describe, expect, test } from "vitest";
import { AtomChart } from "../../components/atom-chart";
import type { AtomChartArgs } from "../../components/atom-chart";
import { AtomCluster } from "../../components/atom-cluster";
import { connectMirror } from "../../components/mirror-reference";
import type { Signing } from "../../components/mirror-reference";
import { Tenant } from "../../components/tenant";
import { packageChart } from "../../lib/chart/package";
import type { ServiceLayer } from "../../lib/chart/service";
import type { ValuesLayer } from "../../lib/chart/values";
import type { ValuesLayers } from "../../lib/chart/values-layers";
import { identityOf } from "../../lib/kubernetes/diff-objects";
import { objectDigest } from "../../lib/kubernetes/object-digest";
import { graphFromResources } from "../../lib/policy/graph/graph-from-resources";
import type { ImageLock } from "../../lib/registry/mirror/image";
import type { MirroredImage, MirrorState } from "../../lib/registry/mirror/state";
import { signImage } from "../../lib/signing/image-signature";
import { generateSigningKey } from "../../lib/signing/key";
import { signedRender } from "../../lib/signing/render-record";
import type { RenderRecord } from "../../lib/signing/render-record";
import type { SignatureRecord } from "../../lib/signing/signature";
import type { SignedImage } from "../../lib/signing/signed-image";
import { recordStack } from "../../lib/simulation/record-stack";
import { sha256 } from "../../lib/support/digest";
import type { Digest } from "../../lib/support/digest";
import { imagesFrom } from "../cli/atom";
import { lockFor } from "../cli/lock-for";
import { describeResources } from "./children";

// What these tests do not prove: that the engine accepts the resources, or an API server the objects.

const TARGET = "registry.atom.example:5000";
const CHART = { repository: `${TARGET}/atom/charts/services`, digest: packageChart().digest };
const lock: ImageLock = lockFor({ images: imagesFrom("ghcr.io") });
const images = lock.images.map(({ repository, digest }) => ({
  repository: `${TARGET}/${repository}`,
  digest,
}));
const api = images[0]!;
const key = generateSigningKey();

const sign = (...about: readonly SignedImage[]) => about.map((image) => signImage(image, key));
const signed = (...signatures: readonly SignatureRecord[]): Signing => ({
  trustedKeys: [key.publicKeyPem],
  signatures,
});
const good = signed(...sign(CHART, ...images));

/** A tenant, and its chart unless there is to be none. */
function program(signing?: Signing, values: AtomChartArgs["values"] = {}) {
  const source = { simulate: { masters: 1, workers: 2 } };
  const cluster = new AtomCluster("eu", { region: "eu-west", source });
  const tenant = new Tenant("acme", { cluster, quota: { cpu: "8", memory: "16Gi" } });
  if (signing === undefined) return;
  const mirror = connectMirror({ target: TARGET, images: lock, signing });
  new AtomChart("acme", { tenant, mirror, values });
}

let tenantOnly: readonly string[];
beforeAll(async () => {
  tenantOnly = describeResources(await recordStack(() => program()));
});

/** What a chart's error says, where nothing but the tenant has been registered. */
async function refusal(signing: Signing, values?: AtomChartArgs["values"]): Promise<string> {
  let message = "nothing was refused";
  const recorded = await recordStack(() => {
    try {
      program(signing, values);
    } catch (error) {
      message = (error as Error).message;
    }
  });
  expect(describeResources(recorded)).toEqual(tenantOnly);
  return message;
}

describe("AtomChart", () => {
  test("registers every object of the services under itself, after the tenant", async () => {
    const { resources } = await recordStack(() => program(good));
    const own = resources.find(({ type }) => type === "atom:index:AtomChart")!.urn;
    const boundary = resources
      .filter(({ parent }) => parent?.includes("atom:index:Tenant"))
      .map(({ urn }) => urn);
    const objects = resources.filter(({ parent }) => parent === own);
    expect(objects.map(({ name }) => name)).toContain("acme-api");
    expect(
      objects.filter(({ dependencies }) => !boundary.every((urn) => dependencies.includes(urn))),
    ).toEqual([]);
  });

  test("carries the chart, its signature and the release for the policies", async () => {
    const { resources } = await recordStack(() => program(good));
    const { inputs } = resources.find(({ type }) => type === "atom:index:AtomChart")!;
    expect(inputs).toEqual({
      tenant: "acme",
      cluster: "eu",
      chart: {
        reference: `${CHART.repository}@${CHART.digest}`,
        signatures: [good.signatures[0]],
        imageSignatures: ["api", "console", "scheduler", "worker"].map((name) =>
          good.signatures.find(({ repository }) => repository === `${TARGET}/atom/${name}`),
        ),
        render: { objects: expect.any(Object) as object, signatures: [] },
      },
      release: {
        automaticRollback: true,
        historyLimit: 5,
        timeoutSeconds: 120,
        rollbackTimeoutSeconds: 120,
        failedInstall: "keep",
      },
    });
  });

  test("records each object as it registers it", async () => {
    const { resources } = await recordStack(() => program(good));
    const chart = resources.find(({ type }) => type === "atom:index:AtomChart")!;
    const { render } = chart.inputs["chart"] as { render: RenderRecord };
    const { objects } = graphFromResources(resources);
    const rendered = objects.filter((node) => node.rendered);
    expect(rendered.length).toBeGreaterThan(10);
    expect(
      Object.fromEntries(
        rendered.map(({ object }) => [identityOf(object), objectDigest(object)] as const),
      ),
    ).toEqual(render.objects);
  });

  test("fails for a value that is wrong before it looks at a signature", async () => {
    const values = { services: { api: { replcias: 3 } } } as ValuesLayer;
    expect(await refusal(signed(), values)).toMatch(/replcias.*did you mean "replicas"/);
  });

  describe("names the layer that a bad value comes from", () => {
    const service = (layer: ServiceLayer): ValuesLayer => ({ services: { reports: layer } });
    const whole = service({ image: "api", port: 8090 });
    const twice = service({ metricsPort: 8090 });
    const unknown = service({ replcias: 3 } as ServiceLayer);
    const TYPO = 'unknown key "replcias"; did you mean "replicas"?';
    const PORT = "port 8090 is used twice, for http and for metrics; choose two ports";

    test.each<[what: string, values: AtomChartArgs["values"], message: string]>([
      [
        "that is wrong in itself",
        { region: whole, tenant: unknown },
        'tenant.services.reports: unknown key "replcias"; did you mean "replicas"?',
      ],
      [
        "that does not go with another layer's",
        { region: twice, tenant: whole },
        `region.services.reports.metricsPort: ${PORT}`,
      ],
      [
        "that another layer says too, but below",
        { region: twice, tenant: whole, stack: twice },
        `stack.services.reports.metricsPort: ${PORT}`,
      ],
      [
        "that is missing, by who speaks of the service last",
        { region: service({ port: 8090 }), tenant: service({ replicas: 2 }) },
        "tenant.services.reports.image: missing; a string is required",
      ],
      [
        "that was taken away",
        { region: whole, tenant: service({ port: null }) },
        "tenant.services.reports.port: missing; a number is required",
      ],
      [
        "that only the place is at odds with",
        { region: whole, tenant: service({ image: "apy" }) },
        'tenant.services.reports.image: unknown image "apy"; did you mean "api"?',
      ],
      [
        "in a list, of which the strongest layer counts whole",
        {
          region: service({ secrets: ["a"] }),
          tenant: { services: { reports: { ...whole.services!["reports"], secrets: ["b"] } } },
        },
        "tenant.services.reports.secrets: secrets are asked for, but the tenant has no Vault",
      ],
      [
        "that is the whole of what is said",
        service({ image: "apy", port: 8090 }),
        'stack.services.reports.image: unknown image "apy"; did you mean "api"?',
      ],
      [
        "that is no layer's name",
        { region: whole, stak: twice } as ValuesLayers,
        'unknown key "stak"; did you mean "stack"?',
      ],
      [
        "that stands beside a layer",
        { region: whole, ...twice },
        '"services" stands beside a layer; put it into one',
      ],
      [
        "in two layers at once",
        { region: unknown, tenant: unknown },
        `region.services.reports: ${TYPO}\n - tenant.services.reports: ${TYPO}`,
      ],
    ])("%s", async (_, values, message) => {
      expect(await refusal(good, values)).toContain(`\n - ${message}`);
    });
  });

  test("lays named layers over each other as one that says it all", async () => {
    const service = (layer: ServiceLayer): ValuesLayer => ({ services: { reports: layer } });
    const region = service({ image: "api", port: 8090, replicas: 2 });
    const tenant = service({ replicas: 3 });
    const stack = service({ port: 8091 });
    const [named, whole] = await Promise.all(
      [{ region, tenant, stack }, service({ image: "api", port: 8091, replicas: 3 })].map(
        (values) => recordStack(() => program(good, values)),
      ),
    );
    expect(named).toEqual(whole);
    expect(named!.resources.map(({ name }) => name)).toContain("acme-reports");
  });
});

describe("a render that somebody signed", () => {
  const place = { target: TARGET, cluster: "eu", tenant: "acme" };
  const renderOf = async (values?: ValuesLayer): Promise<SignedImage> => {
    const { resources } = await recordStack(() => program(good, values));
    const { inputs } = resources.find(({ type }) => type === "atom:index:AtomChart")!;
    const { objects } = (inputs["chart"] as { render: RenderRecord }).render;
    return signedRender(place, objects);
  };
  const withRender = (render: SignedImage) => signed(...good.signatures, ...sign(render));

  test("goes along, for the policies", async () => {
    const signing = withRender(await renderOf());
    const { resources } = await recordStack(() => program(signing));
    const { inputs } = resources.find(({ type }) => type === "atom:index:AtomChart")!;
    expect((inputs["chart"] as { render: RenderRecord }).render.signatures).toEqual([
      signing.signatures.at(-1),
    ]);
  });

  test("fails, before a child is registered, if a value has changed since", async () => {
    const signing = withRender(await renderOf());
    const message = await refusal(signing, { services: { api: { replicas: 5 } } });
    expect(message).toMatch(
      /^Invalid chart:\n - render: no trusted key has signed the render sha256:[0-9a-f]{64} \(there is no signature of this digest\)/,
    );
  });

  test("is no other tenant's, nor the same tenant's elsewhere", async () => {
    const { digest } = await renderOf();
    const elsewhere = [
      { ...place, tenant: "globex" },
      { ...place, cluster: "us" },
    ].map((other) => ({ repository: signedRender(other, {}).repository, digest }));
    const { resources } = await recordStack(() =>
      program(signed(...good.signatures, ...sign(...elsewhere))),
    );
    const { inputs } = resources.find(({ type }) => type === "atom:index:AtomChart")!;
    expect((inputs["chart"] as { render: RenderRecord }).render.signatures).toEqual([]);
  });
});

describe("the chart that AtomChart takes", () => {
  const others = sign(...images);
  const altered = Buffer.from(packageChart().manifest.bytes);
  altered[altered.length - 1]! ^= 1;
  const withDigest = (digest: Digest) => signed(...sign({ ...CHART, digest }), ...others);
  const stranger = generateSigningKey().publicKeyPem;
  const [genuine] = sign(CHART);

  test.each<[what: string, signing: Signing, reason: string]>([
    ["has no signature", signed(...others), "there is no signature of this digest"],
    ["differs in one byte", withDigest(sha256(altered)), "there is no signature of this digest"],
    [
      "is signed in an older version only",
      withDigest(sha256("old")),
      "no signature of this digest",
    ],
    [
      "is signed for another repository",
      signed(...sign({ ...CHART, repository: "evil.example/chart" }), ...others),
      'the record is about the repository "evil.example/chart"',
    ],
    [
      "has another repository's signature under its own name",
      signed(
        ...sign({ ...CHART, repository: "evil.example/chart" }).map((record) => ({
          ...record,
          repository: CHART.repository,
        })),
        ...others,
      ),
      'the payload is about the repository "evil.example/chart"',
    ],
    [
      "has a signature with another byte",
      signed({ ...genuine!, signature: flipped(genuine!.signature) }, ...others),
      "signature",
    ],
    ["is signed by a stranger", { ...good, trustedKeys: [stranger] }, "not made by a trusted key"],
    ["meets no trusted key", { ...good, trustedKeys: [] }, "no key is trusted"],
  ])("is refused before a child is registered if it %s", async (_, signing, reason) => {
    const message = await refusal(signing);
    expect(message).toContain(
      `Invalid chart:\n - signature: no trusted key has signed ${CHART.repository}@${CHART.digest} (`,
    );
    expect(message).toContain(reason);
    expect(message).toMatch(/; sign it with: atom mirror sync --apply$/);
  });
});

describe("an image that a service uses", () => {
  const reference = `${api.repository}@${api.digest}`;
  const refused = (fault: string) =>
    "Invalid chart:\n" +
    ` - defaults.services.api.image: image 'api' ${reference} ${fault}; ` +
    "mirror and sign it with: atom mirror sync --apply";
  const [chart, apiSignature, ...rest] = good.signatures;

  test.each<[what: string, signing: Signing, fault: string]>([
    [
      "has no signature",
      signed(chart!, ...rest),
      "is signed by no trusted key (there is no signature of this digest)",
    ],
    [
      "is signed for another repository",
      signed(chart!, ...rest, ...sign({ ...api, repository: "ghcr.io/atom-cloud/api" })),
      'is signed by no trusted key (the record is about the repository "ghcr.io/atom-cloud/api", ' +
        `not ${api.repository})`,
    ],
    [
      "is signed by a stranger",
      signed(chart!, ...rest, signImage(api, generateSigningKey())),
      "is signed by no trusted key " +
        "(the signature was not made by a trusted key over these bytes)",
    ],
    [
      "failed to be mirrored",
      recorded({ outcome: "failed", verified: false, cause: "the disk is full" }),
      "is not mirrored: its copy failed (the disk is full)",
    ],
    [
      "was mirrored by another digest",
      recorded({ digest: sha256("another") }),
      `is not mirrored: the mirror's state has ${sha256("another")}`,
    ],
    [
      "is not on record",
      recorded({ name: "api:7.1.0" }),
      "is not mirrored: the mirror's state does not have it",
    ],
  ])("is refused before a child is registered if it %s", async (_, signing, fault) => {
    expect(apiSignature!.repository).toBe(api.repository);
    expect(await refusal(signing)).toBe(refused(fault));
  });

  test("is refused on the record of another target, and so is every other", async () => {
    const mirrorState = { ...state(), target: "registry.example" };
    const message = await refusal({ ...good, mirrorState });
    expect(message.match(/: the mirror's state is of registry\.example;/g)).toHaveLength(4);
  });

  test("may be anything if its service is not enabled", async () => {
    const signing = { ...signed(chart!, ...rest), mirrorState: state({ outcome: "failed" }) };
    const values = { services: { api: { enabled: false } } };
    const { resources } = await recordStack(() => program(signing, values));
    expect(resources.map(({ name }) => name)).toContain("acme-worker");
  });

  test("is taken if it is on record and signed", async () => {
    const { resources } = await recordStack(() => program({ ...good, mirrorState: state() }));
    expect(resources.map(({ name }) => name)).toContain("acme-api");
  });
});

/** A mirror's state in which all is well but for what is changed about the API's image. */
function state(change: Partial<MirroredImage> = {}): MirrorState {
  return {
    version: 1,
    target: TARGET,
    images: lock.images.map(({ name, source, repository, digest, platforms, bytes }) => ({
      ...{ name, source, repository, digest, platforms, bytes },
      upstreamSignatures: { found: 0, carried: 0 },
      signed: true,
      verified: true,
      outcome: "copied",
      at: "2026-01-01T00:00:00.000Z",
      ...(name === "api" ? change : {}),
    })),
  };
}

function recorded(change: Partial<MirroredImage>): Signing {
  return { ...good, mirrorState: state(change) };
}

/** Base64 with the last byte of what it stands for changed. */
function flipped(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes[bytes.length - 1]! ^= 1;
  return bytes.toString("base64");
}

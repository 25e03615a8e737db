import fc from "fast-check";
import { LABEL_VALUE } from "../../lib/kubernetes/label-syntax";
import { sha256 } from "../../lib/support/digest";
import {
  envValueBytesProblem,
  ENV_NAME,
  ENV_VALUE,
  LABEL_KEY,
} from "../../lib/chart/service-rules";
import { NASTY } from "./fixture";

/** Documents of Helm values, as a user might give them to the chart beside its own. */

const IMAGES = ["api", "console", "scheduler", "worker", "reports"];

export const images = Object.fromEntries(
  IMAGES.map((name) => [name, `registry.atom.example:5000/atom/${name}@${sha256(name)}`]),
);

/** Null is refused where the chart has no value that it could take out. */
function rarelyNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 19, arbitrary }, { weight: 1, arbitrary: fc.constant(null) });
}

const place = fc.record({
  tenant: fc.constantFrom("acme", "t1", "t10", "x".repeat(56), "0"),
  region: fc.constantFrom("eu-west", "us-east-1", "1"),
  domain: fc.constantFrom("eu.atom.example", "example", "a.b.c.d.e"),
});

const release = fc.constantFrom("7.2.0", "7.2.0-rc.1", "7.2.0+build.5", "1.0.0-a+b");

const vault = fc.record(
  {
    address: fc.constantFrom("https://vault.atom.example:8200", "http://[::1]:8200"),
    mount: fc.constantFrom("atom", "kv/atom-eu"),
    role: fc.constantFrom("acme", "t1"),
    audience: rarelyNull(fc.constantFrom("vault", "https://vault.example")),
  },
  { requiredKeys: ["address", "mount", "role"] },
);

const envName = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/),
    fc.constantFrom("yes", "No", "null", "e1"),
  )
  .filter((name) => ENV_NAME.problem(name) === undefined);
const envValue = fc
  .oneof(fc.constantFrom(...NASTY), fc.string({ unit: "binary", maxLength: 40 }), fc.string())
  .filter((value) => (ENV_VALUE.problem(value) ?? envValueBytesProblem(value)) === undefined);
const labelKey = fc
  .oneof(
    fc.constantFrom("team", "example.com/team", "0o14", "y", "1"),
    fc.stringMatching(/^[a-z][-a-z.]{0,9}[a-z]$/),
  )
  .filter((key) => LABEL_KEY.problem(key) === undefined);
const labelValue = fc
  .constantFrom(...NASTY, "platform", "1.0", "01", "2001-01-01", "true")
  .filter((value) => LABEL_VALUE.problem(value) === undefined);
const port = fc.integer({ min: 1024, max: 65535 });
const secretPath = fc.constantFrom("database", "mail/smtp", "yes", "1e3", "A_b-c");

/** Requests below the limits: another document has the ones that are not. */
const resources = fc.constantFrom(
  { requests: { cpu: "10m" } },
  { limits: { cpu: "1", memory: "1.5Gi", "ephemeral-storage": "1G" } },
  { requests: { cpu: "0.05" }, limits: { cpu: "2e0" } },
  { requests: { memory: "128Mi" }, limits: { memory: "134217728" } },
  { requests: { cpu: null } },
);

const service = fc.record(
  {
    enabled: fc.boolean(),
    image: fc.constantFrom(...IMAGES),
    replicas: fc.integer({ min: 1, max: 5 }),
    port,
    metricsPort: port,
    resources,
    env: fc.dictionary(envName, fc.oneof(envValue, fc.constant(null)), { maxKeys: 5 }),
    labels: fc.dictionary(labelKey, labelValue, { maxKeys: 3 }),
    probes: fc.constantFrom({}, { path: "/healthz" }, { path: null }),
    volumes: fc.dictionary(
      fc.constantFrom("cache", "0", "yes", "a-b", "z"),
      fc.constantFrom("64Mi", "1G", "1e6"),
      { maxKeys: 3 },
    ),
    secrets: fc.uniqueArray(secretPath, { maxLength: 3 }),
    egress: fc.array(
      fc.record({
        cidr: fc.constantFrom("10.20.0.0/16", "192.0.2.1/32", "2001:db8::/32"),
        ports: fc.array(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
    ingress: fc.record(
      { enabled: fc.boolean(), path: fc.constantFrom("/", "/a", "/a.b/~c/") },
      { requiredKeys: [] },
    ),
    autoscaling: fc.record(
      {
        enabled: fc.boolean(),
        maxReplicas: fc.integer({ min: 5, max: 100 }),
        targetCpuPercent: fc.integer({ min: 10, max: 100 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const own = service.chain((part) =>
  fc.record({ image: fc.constantFrom(...IMAGES), port: fc.constant(8085) }).map((rest) => ({
    ...part,
    ...rest,
    metricsPort: 9090,
  })),
);

/** Most are allowed; the rest has one thing in it that is not. */
export const helmDocument = fc
  .record({
    place,
    release: fc.option(release, { nil: undefined }),
    vault: fc.option(vault, { nil: undefined, freq: 5 }),
    ingress: fc.constantFrom(undefined, {}, { issuer: "corporate" }, { issuer: null }, null),
    known: fc.dictionary(
      fc.constantFrom("api", "console", "scheduler", "worker"),
      fc.oneof({ weight: 6, arbitrary: service }, { weight: 1, arbitrary: fc.constant(null) }),
      { maxKeys: 4 },
    ),
    global: rarelyNull(fc.constantFrom(undefined, {}, { anything: 1 })),
    added: fc.dictionary(fc.constantFrom("reports", "yes", "x-1"), own, { maxKeys: 2 }),
  })
  .map(({ place, known, added, ...rest }) => ({
    ...place,
    ...rest,
    images,
    services: { ...known, ...added },
  }))
  .map((document) => JSON.parse(JSON.stringify(document)) as HelmDocument);

export interface HelmDocument {
  readonly [field: string]: unknown;
  readonly services: Readonly<Record<string, unknown>>;
}

/** One that is allowed, and uses whatever there is. */
export const goodDocument: HelmDocument = {
  tenant: "acme",
  region: "eu-west",
  domain: "eu.atom.example",
  vault: {
    address: "https://vault.atom.example:8200",
    mount: "atom",
    role: "acme",
    secrets: ["database", "mail/smtp"],
  },
  images,
  services: {
    reports: {
      image: "reports",
      port: 8090,
      env: {
        LOG_LEVEL: "info",
        ...Object.fromEntries(goodTexts().map((text, i) => [`V${i}`, text])),
      },
      labels: { team: "reports" },
      probes: { path: "/healthz" },
      volumes: { spool: "64Mi", cache: "128Mi" },
      secrets: ["database", "mail/smtp"],
      egress: [{ cidr: "10.20.0.0/16", ports: [5432] }],
      ingress: { enabled: true, path: "/reports" },
      autoscaling: { enabled: true },
    },
  },
};

function goodTexts(): string[] {
  return NASTY.filter(
    (text) => (ENV_VALUE.problem(text) ?? envValueBytesProblem(text)) === undefined,
  );
}

type Change = (service: Record<string, unknown>, document: Record<string, unknown>) => void;

/** Each makes one thing of {@link goodDocument} wrong. */
export const FAULTS: Readonly<Record<string, Change>> = {
  "a string for a number": (service) => (service["replicas"] = "3"),
  "a fraction": (service) => (service["replicas"] = 1.5),
  "too many replicas": (service) => (service["replicas"] = 101),
  "an unknown key": (service) => (service["replica"] = 3),
  "an unknown key at the top": (_, document) => (document["tenants"] = "acme"),
  "a word for a boolean": (service) => (service["enabled"] = "yes"),
  "a number for a variable": (service) => (service["env"] = { A: 1 }),
  "a boolean for a variable": (service) => (service["env"] = { A: true }),
  "a variable that the chart sets": (service) => (service["env"] = { PORT: "1" }),
  "a variable's name with a blank": (service) => (service["env"] = { "A B": "1" }),
  "a variable with a NUL": (service) => (service["env"] = { A: "a\0b" }),
  "a variable that is too long": (service) => (service["env"] = { A: "\u00e9".repeat(65_409) }),
  "variables that are too long together": (service) =>
    (service["env"] = Object.fromEntries(
      [...Array(10).keys()].map((n) => [`V${n}`, "x".repeat(100_001)]),
    )),
  "a quantity with a comma": (service) => (service["resources"] = { limits: { memory: "1,5Gi" } }),
  "a quantity that is a number": (service) => (service["resources"] = { limits: { cpu: 1 } }),
  "a quantity below zero": (service) => (service["resources"] = { limits: { cpu: "-1" } }),
  "a request above its limit": (service) => (service["resources"] = { requests: { cpu: "201m" } }),
  "a request above its limit, in other units": (service) =>
    (service["resources"] = { requests: { memory: "1Gi" }, limits: { memory: "1G" } }),
  "a label's value with a blank": (service) => (service["labels"] = { team: "a b" }),
  "a label of Kubernetes": (service) => (service["labels"] = { "app.kubernetes.io/name": "x" }),
  "a port used twice": (service) => (service["port"] = 9090),
  "a port below 1024": (service) => (service["port"] = 80),
  "no port": (service) => delete service["port"],
  "no image": (service) => delete service["image"],
  "an image by tag": (service) => (service["image"] = "reports:1.0.0"),
  "an image that is not in the mirror": (service) => (service["image"] = "report"),
  "an image without a digest": (_, document) =>
    (document["images"] = { ...images, reports: "registry.atom.example/atom/reports:1.0.0" }),
  "a secret that the tenant did not opt into": (service) => (service["secrets"] = ["root"]),
  "a secret's path that climbs": (service) => (service["secrets"] = ["../other/database"]),
  "secrets without a Vault": (_, document) => delete document["vault"],
  "a volume that each pod has": (service) => (service["volumes"] = { tmp: "1Mi" }),
  "a volume without a size": (service) => (service["volumes"] = { cache: "" }),
  "null for an unknown key": (service) => (service["replica"] = null),
  "null for an unknown key of what the chart knows": (_, document) => {
    document["services"] = { api: { replica: null } };
  },
  "null for an unknown key below": (service) => (service["autoscaling"] = { most: null }),
  "null at the top": (_, document) => (document["tenants"] = null),
  "null for a variable's name with a blank": (service) => (service["env"] = { "A B": null }),
  "null for an image": (_, document) => (document["images"] = { ...images, worker: null }),
  "null for a service that has no name": (service, document) =>
    (document["services"] = { reports: service, "A B": null }),
  "an address range that is too wide": (service) =>
    (service["egress"] = [{ cidr: "0.0.0.0/0", ports: [443] }]),
  "the metadata address": (service) =>
    (service["egress"] = [{ cidr: "169.254.169.254/32", ports: [80] }]),
  "a path that climbs": (service) => (service["ingress"] = { enabled: true, path: "/../admin" }),
  "a template in a path": (service) =>
    (service["ingress"] = { enabled: true, path: "/{{ .Values }}" }),
  "fewer replicas at most than at least": (service) => {
    service["replicas"] = 3;
    service["autoscaling"] = { enabled: true, maxReplicas: 2 };
  },
  "a tenant's name as a path": (_, document) => (document["tenant"] = "../x"),
  "a tenant's name with a new line": (_, document) =>
    (document["tenant"] = "a\nkind: ClusterRoleBinding"),
  "a tenant's name that is too long": (_, document) => (document["tenant"] = "x".repeat(57)),
  "a reserved tenant": (_, document) => (document["tenant"] = "kube-system"),
  "no tenant": (_, document) => delete document["tenant"],
  "a domain that is none": (_, document) => (document["domain"] = "eu_atom"),
  "a host that is too long": (_, document) =>
    (document["domain"] = `${"a".repeat(60)}.`.repeat(4) + "b".repeat(9)),
  "a release that is no version": (_, document) => (document["release"] = "latest"),
  "an issuer with an upper-case letter": (_, document) =>
    (document["ingress"] = { issuer: "Corp" }),
  "services that are a list": (_, document) => (document["services"] = []),
  "a service's name that is kept": (service, document) =>
    (document["services"] = { operator: service }),
};

/** {@link goodDocument} with one fault in it. */
export function faultyDocument(fault: string): unknown {
  const document = structuredClone(goodDocument) as Record<string, unknown>;
  const { reports } = document["services"] as Record<string, Record<string, unknown>>;
  FAULTS[fault]!(reports!, document);
  return document;
}

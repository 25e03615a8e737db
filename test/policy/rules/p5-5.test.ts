import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  graphFromManifests,
  graphFromResources,
} from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p5Rule5 } from "../../../lib/policy/rules/p5-5";
import { Secret } from "../../../lib/support/secret";
import { write } from "../change";
import type { Path } from "../change";
import { ACME, CLUSTER } from "../compliant-facts";
import { compliantTenant } from "../compliant-objects";
import { workload } from "../rule-cases";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith, graphWithObject } from "../small-objects";

/** Globex has a namespace of another kind of name. */
const others = compliantTenant("globex").map((object) =>
  object.kind === "Namespace"
    ? { ...object, metadata: { ...object.metadata, name: "globex-prod" } }
    : object,
);

function found(kind: string, path: Path, value: unknown) {
  const object = workload(kind, [], [[path, value]]);
  const list = { apiVersion: "v1", kind: "List", items: [object] };
  const graph = graphFromManifests([...compliantTenant(), others[0], list]);
  return findingsOf(graph, p5Rule5).map(({ field, message }) => [field, message]);
}

const config = (data: unknown) => {
  const metadata = { name: "x", namespace: "tenant-acme" };
  const graph = graphFromManifests([
    ...compliantTenant(),
    { apiVersion: "v1", kind: "ConfigMap", metadata, data },
  ]);
  return findingsOf(graph, p5Rule5).map(({ object, field, message }) => [object, field, message]);
};

const names = (namespace: string) => `names "${namespace}", another tenant's namespace`;
const ENV = ["spec", "initContainers", 1, "env"];

describe("P5-5", () => {
  test("looks at each pod, container, ConfigMap, Secret, Ingress and Service of a tenant", () => {
    expectPass(p5Rule5, [{ scope: ACME, examined: 7 }]);
  });

  test.each([
    "http://db.tenant-acme.svc.cluster.local:5432",
    "db.tenant-acme",
    "daemons.atom-platform.svc:8600",
    "https://www.tenant-globex.example",
    "tenant-globex",
    "db.globex-prod",
    "a.svc",
    "db.tenant-$(TENANT)",
    "https://www.tenant-globex%2Eexample",
    "db%2Ftenant-globex",
  ])("passes %s", (value) => {
    expect(found("Deployment", ENV, [{ name: "URL", value }])).toEqual([]);
  });

  test.each([
    ["http://db.tenant-globex.svc.cluster.local:5432", "tenant-globex"],
    ["DB.Tenant-Globex.SVC", "tenant-globex"],
    ["postgres://u@db.tenant-globex:5432/x", "tenant-globex"],
    ["db.tenant-acme.svc,db.tenant-acme2.svc", "tenant-acme2"],
    ["db.globex-prod.svc", "globex-prod"],
    ["pod-0.db.globex-prod.svc.cluster.local", "globex-prod"],
    ["http://db.tenant-globex|x", "tenant-globex"],
    ["(db.tenant-globex)", "tenant-globex"],
    ["db.tenant-globex&", "tenant-globex"],
    ["db.tenant-globex.", "tenant-globex"],
    ["[db.tenant-globex]:1", "tenant-globex"],
    ["*.tenant-globex.pod.cluster.local", "tenant-globex"],
    ["10-0-0-1.globex-prod.pod", "globex-prod"],
    ["$(HOST).tenant-globex.svc.", "tenant-globex"],
    ["postgres://u:p%40ss%2Fw@db.tenant%2dglobex:5432/x", "tenant-globex"],
    ["http://db%2Eglobex-pro%64%2Esvc", "globex-prod"],
    ["redirect=http%3A%2F%2Fdb.tenant-globex%3A80", "tenant-globex"],
  ])("V12 fails for %s", (value, namespace) => {
    expect(found("CronJob", ENV, [{ name: "A" }, { name: "URL", value }])).toEqual([
      ["spec.jobTemplate.spec.template.spec.initContainers[1].env[1].value", names(namespace)],
    ]);
  });

  test("V12 fails whatever stands around a host, but a longer name of it", () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
    const around = fc.string({ unit: "grapheme-ascii", maxLength: 4 });
    const goesOn = (after: string) => /^\.?[a-z0-9-]/i.test(after) || after.startsWith("..");
    const property = fc.property(name, around, around, (service, before, after) => {
      fc.pre(!goesOn(after));
      expect(config({ a: `${before}${service}.tenant-globex${after}` })).toEqual([
        ["ConfigMap tenant-acme/x", "data.a", names("tenant-globex")],
      ]);
      expect(config({ a: `${before}${service}.tenant-acme${after}` })).toEqual([]);
      expect(config({ a: `${before}${service}.tenant-globex.example${after}` })).toEqual([]);
    });
    fc.assert(property, { numRuns: 200, seed: 1 });
  });

  test.each([
    "command",
    "args",
    "livenessProbe.exec.command",
    "readinessProbe.exec.command",
    "startupProbe.exec.command",
    "lifecycle.postStart.exec.command",
    "lifecycle.preStop.exec.command",
  ])("fails for %s", (field) => {
    const value = ["sh", "-c", "curl db.tenant-globex.svc/x"];
    expect(found("Pod", ["spec", "containers", 0, ...field.split(".")], value)).toEqual([
      [`spec.containers[0].${field}[2]`, names("tenant-globex")],
    ]);
  });

  const OWN = ["spec", "containers", 0];
  const withVariables = (values: Record<string, string>, field: string, value: unknown) => {
    const env = Object.entries(values).map(([name, value]) => ({ name, value }));
    const container = { name: "api", env };
    write(container, field.split("."), value);
    return found("Pod", OWN, container);
  };

  test("fails for what a container's own variables make another tenant's", () => {
    const values = { TENANT: "globex", SPACE: "tenant-$(TENANT)", URL: "db.$(SPACE):5432" };
    const message = names("tenant-globex");
    expect(withVariables(values, "args", ["--db", "db.$(SPACE).svc"])).toEqual([
      ["spec.containers[0].env[2].value", message],
      ["spec.containers[0].args[1]", message],
    ]);
    expect(
      withVariables({ TENANT: "globex" }, "livenessProbe.exec.command", ["x.tenant-$(TENANT)"]),
    ).toEqual([["spec.containers[0].livenessProbe.exec.command[0]", message]]);
  });

  test.each([
    ["the own tenant's variable", { TENANT: "acme", URL: "db.tenant-$(TENANT)" }],
    ["a variable of a later line", { URL: "db.tenant-$(TENANT)", TENANT: "globex" }],
    ["a variable that is only written", { TENANT: "globex", URL: "db.tenant-$$(TENANT)" }],
  ])("passes %s", (_, values) => {
    expect(withVariables(values, "args", [])).toEqual([]);
  });

  test("fails for another tenant's Service in an argument beside a variable that is not known", () => {
    const env = [{ name: "A", value: UNKNOWN }];
    expect(found("Pod", OWN, { name: "api", env, args: ["db.tenant-globex"] })).toEqual([
      ["spec.containers[0].args[0]", names("tenant-globex")],
      [
        "spec.containers[0].env[0].value",
        "cannot be decided: spec.containers[0].env[0].value is not known yet",
      ],
    ]);
  });

  test("S10 is quick with variables that double each other", () => {
    const values = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [
        `A${at}`,
        at === 0 ? "xx" : `$(A${at - 1})`.repeat(9),
      ]),
    );
    expect(withVariables(values, "args", ["$(A59)".repeat(10_000)])).toEqual([]);
  });

  test("fails for the annotations of a pod, an Ingress and a Service", () => {
    const annotations = { a: "http://db.tenant-globex.svc/auth", b: "db.tenant-acme.svc" };
    expect(found("Deployment", ["metadata", "annotations"], annotations)).toEqual([
      ["spec.template.metadata.annotations.a", names("tenant-globex")],
    ]);
    for (const kind of ["Ingress", "Service"]) {
      const metadata = { name: "x", namespace: "tenant-acme", annotations };
      const graph = graphFromManifests([
        ...compliantTenant(),
        { apiVersion: "v1", kind, metadata },
      ]);
      expect(findingsOf(graph, p5Rule5).map(({ field, message }) => [field, message])).toEqual([
        ["metadata.annotations.a", names("tenant-globex")],
      ]);
    }
  });

  test("passes what kubectl last applied, for the object's own fields say it", () => {
    const key = "kubectl.kubernetes.io/last-applied-configuration";
    const annotations = { [key]: "db.tenant-globex" };
    expect(found("Deployment", ["metadata", "annotations"], annotations)).toEqual([]);
  });

  test("fails for a pod that searches another tenant's names, or bears them", () => {
    const template = "spec.template.spec";
    const searches = ["tenant-acme.svc.cluster.local", "tenant-globex.svc.cluster.local"];
    expect(found("Deployment", ["spec", "dnsConfig"], { searches })).toEqual([
      [`${template}.dnsConfig.searches[1]`, names("tenant-globex")],
    ]);
    const hostAliases = [{ ip: "10.0.0.1", hostnames: ["db", "db.globex-prod.svc"] }];
    expect(found("Deployment", ["spec", "hostAliases"], hostAliases)).toEqual([
      [`${template}.hostAliases[0].hostnames[1]`, names("globex-prod")],
    ]);
  });

  test("fails for a ConfigMap, and does not repeat what else is in it", () => {
    expect(config({ "a.yaml": "x: 1", "b.yaml": "canary: 'q.tenant-globex.svc'\n" })).toEqual([
      ["ConfigMap tenant-acme/x", 'data["b.yaml"]', names("tenant-globex")],
    ]);
  });

  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const holding = (kind: string, fields: Record<string, unknown>) => {
    const metadata = { name: "x", namespace: "tenant-acme" };
    const graph = graphFromManifests([
      ...compliantTenant(),
      { apiVersion: "v1", kind, metadata, ...fields },
    ]);
    return findingsOf(graph, p5Rule5).map(({ object, field, message }) => [object, field, message]);
  };
  const url = (host: string) => `postgres://u:canary@${host}:5432/x`;

  test("fails for a Secret, as written and in base64, and repeats nothing of it", () => {
    const found = holding("Secret", {
      stringData: { own: url("db.tenant-acme"), a: url("db.tenant-hunter2") },
      data: { own: base64(url("db.tenant-acme")), b: base64(url("db.tenant-globex")) },
    });
    const message = "names another tenant's namespace";
    expect(found).toEqual([
      ["Secret tenant-acme/x", "stringData.a", message],
      ["Secret tenant-acme/x", "data.b", message],
    ]);
  });

  test("fails for the binary data of a ConfigMap", () => {
    expect(holding("ConfigMap", { binaryData: { a: base64("db.tenant-globex.svc") } })).toEqual([
      ["ConfigMap tenant-acme/x", "binaryData.a", names("tenant-globex")],
    ]);
  });

  const marked = (inputs: Record<string, unknown>) => {
    const type = "kubernetes:core/v1:Secret";
    const metadata = { name: "x", namespace: "tenant-acme" };
    const graph = graphFromResources([
      {
        type,
        name: "x",
        urn: "urn",
        inputs: { ...inputs, metadata },
        dependencies: [],
        protect: false,
      },
    ]);
    const findings = findingsOf(graph, p5Rule5);
    expect(inspect([graph, findings], { depth: null })).not.toMatch(/canary|globex/);
    return findings.map(({ object, field, message }) => [object, field, message]);
  };

  test.each([
    ["a value", { stringData: { a: Secret.of(url("db.tenant-globex")), b: "x" } }],
    ["a value in base64", { data: { a: Secret.of(base64(url("db.tenant-globex"))) } }],
    ["all", { stringData: Secret.of(JSON.stringify({ a: url("db.tenant-globex") })) }],
    ["all in base64", { data: Secret.of(JSON.stringify({ a: base64(url("db.tenant-globex")) })) }],
  ])(
    "fails for a Secret of which %s is marked secret, and keeps and tells nothing of it",
    (_, inputs) => {
      expect(marked(inputs)).toEqual([
        ["Secret tenant-acme/x", "", "names another tenant's namespace"],
      ]);
    },
  );

  test("passes a Secret of which something else is marked secret", () => {
    const own = url("db.tenant-acme");
    expect(marked({ stringData: { a: Secret.of(own) }, data: Secret.of("null") })).toEqual([]);
    expect(marked({ data: Secret.of(JSON.stringify({ a: base64(own), b: null })) })).toEqual([]);
  });

  test.each([
    ["beside one that is marked secret", { a: Secret.of("x"), b: UNKNOWN }, "stringData.b"],
    ["for it is marked secret and no map", Secret.of("canary"), "stringData"],
  ])("S6 fails for a value that is not known, %s", (_, stringData, field) => {
    expect(marked({ stringData })).toEqual([
      ["Secret tenant-acme/x", field, `cannot be decided: ${field} is not known yet`],
    ]);
  });

  test("S6 fails for a Secret whose value is not known yet", () => {
    expect(holding("Secret", { stringData: { a: UNKNOWN } })).toEqual([
      ["Secret tenant-acme/x", "stringData.a", "cannot be decided: stringData.a is not known yet"],
    ]);
  });

  test.each(HOSTILE)("does not crash for the data %s of a Secret, nor for a value", (value) => {
    const told = ["data", "stringData"].flatMap((field) => [
      ...holding("Secret", { [field]: value }),
      ...holding("Secret", { [field]: { a: value } }),
    ]);
    expect(told.filter(([, , message]) => !message!.startsWith("cannot be decided"))).toEqual([]);
  });

  test("is quick with a long text", () => {
    expect(config({ a: "a.b-.tenant-".repeat(50_000) })).toEqual([]);
  });

  const reference = (from: string, to: unknown) => {
    const urn = (type: string) => `urn:pulumi:${from}::atom::${type}::x`;
    const one = (type: string, inputs: Record<string, unknown>) => {
      return { type, name: "x", urn: urn(type), inputs, dependencies: [], protect: false };
    };
    const graph = graphFromResources([
      one("atom:index:AtomCluster", { cluster: CLUSTER }),
      one("pulumi:pulumi:StackReference", { name: to }),
    ]);
    return findingsOf(graph, p5Rule5).map(({ scope, field, message }) => [scope, field, message]);
  };

  test.each([
    ["tenant.acme.eu-west", "organization/atom/platform.eu-west"],
    ["tenant.acme.eu-west", "organization/atom/tenant.acme.us-east"],
    ["platform.eu-west", "platform.us-east"],
    ["my-own", "another"],
  ])("passes a reference of %s to %s", (from, to) => {
    expect(reference(from, to)).toEqual([]);
  });

  test.each([
    ["tenant.acme.eu-west", "organization/atom/tenant.acme2.eu-west"],
    ["tenant.acme.eu-west", "organization/platform.eu-west/production"],
    ["tenant.acme.eu-west", 'x"y'],
  ])("V12 fails for a reference of %s to %s", (from, to) => {
    expect(reference(from, to)).toEqual([
      [
        ACME,
        "to",
        `is ${JSON.stringify(to)}; allowed is platform.<region> or tenant.acme.<region>`,
      ],
    ]);
  });

  test.each(["platform.eu-west", "my-own"])("fails for %s that reads a tenant's stack", (from) => {
    expect(reference(from, "tenant.acme.eu-west")).toEqual([
      [{ cluster: CLUSTER }, "to", 'is "tenant.acme.eu-west"; allowed is platform.<region>'],
    ]);
  });

  test("fails alone", () => {
    const graph = graphWith(({ objects }) => {
      const metadata = { name: "x", namespace: "tenant-acme" };
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "b.tenant-c" } };
      objects.push({ id: "ConfigMap tenant-acme/x", scope: ACME, object });
    });
    expectFindings(graph, p5Rule5, [
      { object: "ConfigMap tenant-acme/x", field: "data.a", message: names("tenant-c") },
    ]);
  });

  const withEnv = (value: unknown) =>
    graphWithObject(AT.deployment, (object) => {
      object["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] = value as never;
    });

  test("S6 fails for what is not known yet", () => {
    for (const value of [UNKNOWN, [UNKNOWN], [{ name: "A", value: UNKNOWN }]]) {
      expect(findingsOf(withEnv(value), p5Rule5)).toMatchObject([{ cause: "undecided" }]);
    }
    expect(reference("tenant.acme.eu-west", UNKNOWN)).toEqual([
      [ACME, "to", "cannot be decided: to is not known yet"],
    ]);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    const causes = [
      ...findingsOf(withEnv(value), p5Rule5),
      ...findingsOf(withEnv([value]), p5Rule5),
    ].map(({ cause }) => cause);
    expect(causes).not.toContain("error");
    expect(reference("tenant.acme.eu-west", value)).toHaveLength(1);
    config(value);
  });
});

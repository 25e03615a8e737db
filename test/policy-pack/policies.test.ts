import { createRequire } from "node:module";
import type { Policies } from "@pulumi/policy";
import {
  AnalyzerResource,
  AnalyzerResourceOptions,
  AnalyzeRequest,
  AnalyzeStackRequest,
  EnforcementLevel,
} from "@pulumi/pulumi/proto/analyzer_pb";
import type { AnalyzeDiagnostic, AnalyzeResponse } from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { describe, expect, test } from "vitest";
import { createPolicies } from "../../policy-pack/policies";
import { compliantFacts } from "../policy/compliant-facts";
import { deployment, IMAGE } from "../policy/small-objects";

type Handler<Request> = (
  call: { request: Request },
  callback: (error: Error | null | undefined, response: AnalyzeResponse) => void,
) => void;
type Serve<Request> = (
  name: string,
  version: string,
  level: string,
  policies: Policies,
) => Handler<Request>;

// What the engine talks to, on the other side of the wire. Its type declarations leave it out.
const server = createRequire(__filename)("@pulumi/policy/server") as {
  makeAnalyzeRpcFun: Serve<AnalyzeRequest>;
  makeAnalyzeStackRpcFun: Serve<AnalyzeStackRequest>;
};
const { unknownStringValue } = createRequire(__filename)("@pulumi/policy/proxy") as {
  unknownStringValue: string;
};

interface Resource {
  readonly type: string;
  readonly name: string;
  readonly parent?: string;
  readonly inputs: object;
  /** @default the inputs */
  readonly outputs?: object;
}

interface Diagnostic {
  readonly policy: string;
  readonly level: string;
  readonly urn: string;
  readonly message: string;
}

/** The pack as an engine drives it: each resource, then the stack of all of them. */
async function analyze(resources: readonly Resource[], { skipResources = false } = {}) {
  const policies = createPolicies(() => new Date("2026-06-15T00:00:00Z"));
  const diagnostics: Diagnostic[] = [];
  const one = server.makeAnalyzeRpcFun("pack", "1", "advisory", policies);
  for (const resource of skipResources ? [] : resources) {
    diagnostics.push(...(await call(one, analyzeRequest(resource))));
  }
  const all = server.makeAnalyzeStackRpcFun("pack", "1", "advisory", policies);
  const request = new AnalyzeStackRequest();
  request.setResourcesList(resources.map(stackResource));
  diagnostics.push(...(await call(all, request)));
  return diagnostics;
}

function call<Request>(handler: Handler<Request>, request: Request): Promise<Diagnostic[]> {
  return new Promise((resolve, reject) => {
    handler({ request }, (error, response) => {
      if (error) reject(error);
      else resolve(response.getDiagnosticsList().map(diagnosticOf));
    });
  });
}

function diagnosticOf(diagnostic: AnalyzeDiagnostic): Diagnostic {
  const level = diagnostic.getEnforcementlevel();
  return {
    policy: diagnostic.getPolicyname(),
    level: level === EnforcementLevel.MANDATORY ? "mandatory" : `level ${level}`,
    urn: diagnostic.getUrn(),
    message: diagnostic.getMessage().split("\n").slice(1).join("\n"),
  };
}

function analyzeRequest(resource: Resource): AnalyzeRequest {
  const request = new AnalyzeRequest();
  request.setType(resource.type);
  request.setName(resource.name);
  request.setUrn(urnOf(resource.name));
  request.setOptions(optionsOf(resource));
  request.setProperties(struct(resource.inputs));
  return request;
}

function stackResource(resource: Resource): AnalyzerResource {
  const message = new AnalyzerResource();
  message.setType(resource.type);
  message.setName(resource.name);
  message.setUrn(urnOf(resource.name));
  message.setOptions(optionsOf(resource));
  if (resource.parent !== undefined) message.setParent(urnOf(resource.parent));
  message.setProperties(struct(resource.outputs ?? resource.inputs));
  return message;
}

function optionsOf({ parent }: Resource): AnalyzerResourceOptions {
  const options = new AnalyzerResourceOptions();
  if (parent !== undefined) options.setParent(urnOf(parent));
  return options;
}

const struct = (value: object) => Struct.fromJavaScript(value as Record<string, JavaScriptValue>);
const urnOf = (name: string) => `urn:pulumi:s::p::t::${name}`;

function deploymentOf(image: string): Resource {
  const object = deployment("api", "tenant-acme");
  const container = { name: "api", image, securityContext: { privileged: true } };
  const spec = { template: { spec: { containers: [container] } } };
  return {
    type: "kubernetes:apps/v1:Deployment",
    name: "api",
    parent: "acme",
    inputs: { ...object, spec },
  };
}

const TENANT: Resource = {
  type: "atom:index:Tenant",
  name: "acme",
  inputs: { tenant: "acme", cluster: "eu-prod" },
  // As a component has them: what it gave to registerOutputs, and nothing of its inputs.
  outputs: { namespace: "tenant-acme" },
};

function chart(reference: string): Resource {
  const release = { automaticRollback: true, historyLimit: 5, timeoutSeconds: 120 };
  return {
    type: "atom:index:AtomChart",
    name: "chart",
    inputs: {
      tenant: "acme",
      cluster: "eu-prod",
      chart: { reference, signatures: compliantFacts().charts[0]!.signatures },
      release,
    },
    outputs: {},
  };
}

const about = (diagnostics: readonly Diagnostic[], ...rules: string[]) =>
  diagnostics
    .filter(({ message }) => rules.includes(message.split(" ")[0]!))
    .map(({ message, ...rest }) => ({ ...rest, message: message.slice(0, message.indexOf(";")) }));

describe("policy pack", () => {
  test("fails a pod at its resource, and once", async () => {
    const diagnostics = await analyze([TENANT, deploymentOf("api:1")]);
    const finding = { policy: "atom-resources", level: "mandatory", urn: urnOf("api") };
    expect(about(diagnostics, "P2-1", "P1-POD-3")).toEqual([
      {
        ...finding,
        message:
          "P1-POD-3 Deployment tenant-acme/api: spec.template.spec.containers[0].securityContext.privileged: privileged is true",
      },
      {
        ...finding,
        message:
          'P2-1 Deployment tenant-acme/api: spec.template.spec.containers[0].image: image is "api:1"',
      },
    ]);
  });

  test("tells no secret that an image's reference holds", async () => {
    const image = "user:hunter2@registry.example/atom/api:1";
    const diagnostics = await analyze([TENANT, deploymentOf(image)]);
    expect(about(diagnostics, "P2-1").map(({ message }) => message)).toEqual([
      'P2-1 Deployment tenant-acme/api: spec.template.spec.containers[0].image: image is "<REDACTED>@registry.example/atom/api:1"',
    ]);
    expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
  });

  test("S6 fails an unknown value as mandatory, and still says what else is wrong", async () => {
    const diagnostics = await analyze([TENANT, deploymentOf(unknownStringValue)]);
    const findings = about(diagnostics, "P2-1", "P1-POD-3");
    expect(findings.map(({ level }) => level)).toEqual(["mandatory", "mandatory"]);
    expect(findings[1]!.message).toBe(
      "P2-1 Deployment tenant-acme/api: spec.template.spec.containers[0].image: cannot be decided: spec.template.spec.containers[0].image is not known yet",
    );
    expect(new Set(diagnostics.map(({ level }) => level))).toEqual(new Set(["mandatory"]));
  });

  test("fails what only the whole stack shows, by the components' inputs", async () => {
    const diagnostics = await analyze([TENANT, chart("services:1"), deploymentOf(IMAGE)]);
    const stack = { policy: "atom-stack", level: "mandatory" };
    expect(about(diagnostics, "P2-2", "P5-1")).toEqual([
      {
        ...stack,
        urn: urnOf("chart"),
        message: 'P2-2 chart tenant-acme: reference: reference is "services:1"',
      },
      { ...stack, urn: urnOf("acme"), message: "P5-1 tenant acme: has no namespace" },
    ]);
  });

  test("S6 fails an unknown value of a component as mandatory", async () => {
    const findings = about(await analyze([chart(unknownStringValue)]), "P2-2", "P2-3");
    expect(findings.map(({ level, message }) => [level, message.split(":")[0]])).toEqual([
      ["mandatory", "P2-2 chart tenant-acme"],
      ["mandatory", "P2-3 chart tenant-acme"],
    ]);
  });

  test("S6 fails a group of manifests at the stack if none of them came", async () => {
    const group = { type: "kubernetes:yaml/v2:ConfigGroup", name: "addons", inputs: {} };
    const member = { ...deploymentOf(IMAGE), parent: "addons" };
    const aboutGroup = (diagnostics: readonly Diagnostic[]) =>
      about(diagnostics, "P4-1").filter(({ urn }) => urn === urnOf("addons"));
    expect(aboutGroup(await analyze([group, member]))).toEqual([]);
    expect(aboutGroup(await analyze([group]))).toEqual([
      {
        policy: "atom-stack",
        level: "mandatory",
        urn: urnOf("addons"),
        message: "P4-1 object addons: kind: cannot be decided: kind is not known yet",
      },
    ]);
  });

  test("fails a pod at the stack where the other policy is disabled", async () => {
    const diagnostics = await analyze([deploymentOf("api:1")], { skipResources: true });
    expect(about(diagnostics, "P2-1").map(({ policy }) => policy)).toEqual(["atom-stack"]);
  });
});

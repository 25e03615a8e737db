import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";
import type { StackResource } from "../policy/graph-from-resources";
import { UNKNOWN } from "../policy/unknown";
import { Secret } from "../support/secret";

/** Outputs of other stacks, by the full name that a StackReference asks for. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type Reply = Parameters<MockMonitor["registerResource"]>[1];

/**
 * A resource monitor that stands where the engine does, keeps every registration with what mocks
 * leave out (parent, dependencies, protection, secret marks), and answers each with its own inputs.
 */
export class RecordingMonitor extends MockMonitor {
  /** In the order of registration. */
  readonly recorded: StackResource[] = [];

  /** What the program asked for and cannot have. Thrown while it runs, it would be an unhandled rejection. */
  readonly failures: readonly string[];

  constructor(references: StackOutputs) {
    const failures: string[] = [];
    super({
      newResource: ({ type, name, inputs, custom }) => {
        if (type !== "pulumi:pulumi:StackReference") {
          return { id: custom ? name : undefined, state: inputs as Record<string, unknown> };
        }
        const outputs = references[name];
        if (!outputs) failures.push(`no stack named '${name}' was run before this one`);
        return { id: name, state: { name, ...(outputs && { outputs, secretOutputNames: [] }) } };
      },
      call: ({ token }) => {
        failures.push(`the provider function '${token}' needs a real provider`);
        return {};
      },
    });
    this.failures = failures;
  }

  override async registerResource(request: RegisterResourceRequest, reply: Reply): Promise<void> {
    await super.registerResource(request, (error, response: { getUrn(): string } | undefined) => {
      if (response) this.recorded.push(resourceOf(request, response.getUrn()));
      reply(error, response);
    });
  }
}

function resourceOf(request: RegisterResourceRequest, urn: string): StackResource {
  const parent = request.getParent();
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    ...(parent === "" ? {} : { parent }),
    inputs: fromWire(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    dependencies: [...request.getDependenciesList()].sort(),
    protect: request.getProtect() ?? false,
  };
}

/** A property as the SDK sends it, with unknowns as {@link UNKNOWN} and secrets as {@link Secret}. */
function fromWire(value: unknown): unknown {
  if (value === unknownValue) return UNKNOWN;
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== "object" || value === null) return value;
  const members = value as Record<string, unknown>;
  if (members[specialSigKey] === specialSecretSig) {
    const secret = members["value"];
    return Secret.of(typeof secret === "string" ? secret : JSON.stringify(secret));
  }
  return Object.fromEntries(
    Object.entries(members).map(([key, member]) => [key, fromWire(member)]),
  );
}

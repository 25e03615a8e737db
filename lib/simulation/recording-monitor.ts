import { getProject, getStack } from "@pulumi/pulumi";
import type {
  ReadResourceRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";
import type { StackResource } from "../policy/graph/graph-from-resources";
import { UNKNOWN } from "../policy/reading/unknown";
import { Secret } from "../support/secret";

/** Outputs of other stacks, by the full name that a StackReference asks for. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type Reply = Parameters<MockMonitor["registerResource"]>[1];
type ReadReply = Parameters<MockMonitor["readResource"]>[1];

/** The type of the resource that a stack's own resources have for an ancestor. */
export const ROOT_TYPE = "pulumi:pulumi:Stack";

/**
 * A resource monitor that stands where the engine does, keeps every registration and read with what
 * mocks leave out (parent, provider, dependencies, protection, secret marks), and answers each with
 * its own inputs.
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
    // Private to the SDK's types. The mock's own URNs are not the engine's.
    Object.assign(this, { newUrn: urnOf });
  }

  override async registerResource(request: RegisterResourceRequest, reply: Reply): Promise<void> {
    await super.registerResource(request, (error, response: { getUrn(): string } | undefined) => {
      if (response) this.recorded.push(registeredResource(request, response.getUrn()));
      reply(error, response);
    });
  }

  override async readResource(request: ReadResourceRequest, reply: ReadReply): Promise<void> {
    await super.readResource(request, (error, response: { getUrn(): string } | undefined) => {
      if (response) this.recorded.push(readResource(request, response.getUrn()));
      reply(error, response);
    });
  }
}

/** As the engine makes them: the types of all ancestors but the stack itself qualify a type. */
function urnOf(parent: string, type: string, name: string): string {
  const parentType = parent.split("::")[2] ?? ROOT_TYPE;
  const qualified = parentType === ROOT_TYPE ? type : `${parentType}$${type}`;
  return `urn:pulumi:${[getStack(), getProject(), qualified, name].join("::")}`;
}

function registeredResource(request: RegisterResourceRequest, urn: string): StackResource {
  const version = request.getVersion();
  // The engine keeps with a provider which plugin it is.
  const isPinned = request.getType().startsWith("pulumi:providers:") && version !== "";
  return {
    ...whereItIs(request, urn),
    inputs: { ...inputsOf(request.getObject()), ...(isPinned ? { version } : {}) },
    protect: request.getProtect() ?? false,
  };
}

/** What exists already, such as another stack. */
function readResource(request: ReadResourceRequest, urn: string): StackResource {
  return {
    ...whereItIs(request, urn),
    inputs: inputsOf(request.getProperties()),
    protect: false,
  };
}

function whereItIs(
  request: RegisterResourceRequest | ReadResourceRequest,
  urn: string,
): Omit<StackResource, "inputs" | "protect"> {
  const parent = request.getParent();
  const provider = request.getProvider();
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    ...(parent === "" ? {} : { parent }),
    // The reference is the URN and, after two colons, the id.
    ...(provider === "" ? {} : { provider: provider.slice(0, provider.lastIndexOf("::")) }),
    dependencies: [...request.getDependenciesList()].sort(),
  };
}

function inputsOf(
  object: ReturnType<RegisterResourceRequest["getObject"]>,
): Record<string, unknown> {
  return fromWire(object?.toJavaScript() ?? {}) as Record<string, unknown>;
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

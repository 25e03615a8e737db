import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckFailure,
  CheckResponse,
  ConfigureResponse,
  CreateResponse,
  DiffResponse,
  GetSchemaResponse,
  PropertyDiff,
  ReadResponse,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { servePlugin, unary } from "./plugin-process";
import { readProperties, writeProperties } from "./property-values";
import type { Properties, PropertyChange, Value } from "./property-values";

/** What a double does for one type of resource. */
export interface ResourceKind {
  /** The inputs with their defaults; no request. */
  check(inputs: Properties): {
    readonly inputs: Properties;
    readonly problems: readonly { readonly property: string; readonly reason: string }[];
  };
  /** What differs between the recorded state and the inputs; no request. */
  changes(state: Properties, inputs: Properties): readonly PropertyChange[];
  /** The state as far as it can be told before a deployment; no request. */
  preview(inputs: Properties, state: Properties | undefined): State;
  create(inputs: Properties, place: Place): Promise<{ readonly id: string; readonly state: State }>;
  /** The state and the inputs that would give it, or undefined if it is gone. */
  read(
    id: string,
    recorded: { readonly inputs: Properties; readonly state: Properties },
  ): Promise<{ readonly inputs: State; readonly state: State } | undefined>;
  update(id: string, state: Properties, inputs: Properties, place: Place): Promise<State>;
  delete(id: string, state: Properties, place: Place): Promise<void>;
}

export type State = Readonly<Record<string, Value | undefined>>;

/** Which resource of the program it is. */
export interface Place {
  readonly urn: string;
  readonly name: string;
}

export interface Provider {
  /** Each type token's kind, `command:local:Command`. */
  readonly kinds: Readonly<Record<string, ResourceKind>>;
  /** Takes the provider's configuration, by name and as text; no request. */
  configure?(config: Readonly<Record<string, string>>): void;
  /** The user gave up: whatever runs has to end soon. */
  cancel?(): void;
}

/**
 * Serves a provider over the protocol of Pulumi's resource plugins (proto/pulumi/provider.proto).
 * The SDK's own server is no use: it takes no configuration and does not tell a preview from a
 * deployment.
 */
export function serveProvider(provider: Provider): Promise<void> {
  return servePlugin(ResourceProviderService, {
    getPluginInfo: unary(getPluginInfo),
    getSchema: unary(getSchema),
    attach: unary(() => new Empty()),
    cancel: unary(() => {
      provider.cancel?.();
      return new Empty();
    }),
    configure: unary((request: ConfigureRequest) => configure(provider, request)),
    check: unary((request: CheckRequest) => check(kindOf(provider, request), request)),
    diff: unary((request: DiffRequest) => diff(kindOf(provider, request), request)),
    create: unary((request: CreateRequest) => create(kindOf(provider, request), request)),
    read: unary((request: ReadRequest) => read(kindOf(provider, request), request)),
    update: unary((request: UpdateRequest) => update(kindOf(provider, request), request)),
    delete: unary(async (request: DeleteRequest) => {
      const state = readProperties(request.getProperties());
      await kindOf(provider, request).delete(request.getId(), state, placeOf(request));
      return new Empty();
    }),
  });
}

/** Newer than any SDK, or the engine warns that the plugin is older than the program's SDK. */
function getPluginInfo(): PluginInfo {
  const info = new PluginInfo();
  info.setVersion("999.0.0-double");
  return info;
}

function getSchema(): GetSchemaResponse {
  const response = new GetSchemaResponse();
  response.setSchema("{}");
  return response;
}

function configure(provider: Provider, request: ConfigureRequest): ConfigureResponse {
  const config: Record<string, string> = {};
  // The older of two forms of the same, `vault:config:address`, because it has no marks of secrets.
  request.getVariablesMap().forEach((value, key) => {
    config[key.slice(key.lastIndexOf(":") + 1)] = value;
  });
  provider.configure?.(config);
  const response = new ConfigureResponse();
  response.setSupportspreview(true);
  return response;
}

function check(kind: ResourceKind, request: CheckRequest): CheckResponse {
  const { inputs, problems } = kind.check(readProperties(request.getNews()));
  const response = new CheckResponse();
  response.setInputs(writeProperties(inputs));
  response.setFailuresList(
    problems.map(({ property, reason }) => {
      const failure = new CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

const DIFF_KINDS = {
  add: [PropertyDiff.Kind.ADD, PropertyDiff.Kind.ADD_REPLACE],
  delete: [PropertyDiff.Kind.DELETE, PropertyDiff.Kind.DELETE_REPLACE],
  update: [PropertyDiff.Kind.UPDATE, PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

function diff(kind: ResourceKind, request: DiffRequest): DiffResponse {
  const changes = kind.changes(
    readProperties(request.getOlds()),
    readProperties(request.getNews()),
  );
  const response = new DiffResponse();
  response.setChanges(
    changes.length === 0 ? DiffResponse.DiffChanges.DIFF_NONE : DiffResponse.DiffChanges.DIFF_SOME,
  );
  response.setHasdetaileddiff(true);
  for (const { path, kind: change, replaces } of changes) {
    const detail = new PropertyDiff();
    detail.setKind(DIFF_KINDS[change][replaces ? 1 : 0]);
    response.getDetaileddiffMap().set(path, detail);
  }
  response.setDiffsList(rootsOf(changes));
  response.setReplacesList(rootsOf(changes.filter(({ replaces }) => replaces)));
  return response;
}

async function create(kind: ResourceKind, request: CreateRequest): Promise<CreateResponse> {
  const inputs = readProperties(request.getProperties());
  const response = new CreateResponse();
  if (request.getPreview()) {
    response.setProperties(writeProperties(kind.preview(inputs, undefined)));
    return response;
  }
  const { id, state } = await kind.create(inputs, placeOf(request));
  response.setId(id);
  response.setProperties(writeProperties(state));
  return response;
}

async function read(kind: ResourceKind, request: ReadRequest): Promise<ReadResponse> {
  const found = await kind.read(request.getId(), {
    inputs: readProperties(request.getInputs()),
    state: readProperties(request.getProperties()),
  });
  const response = new ReadResponse();
  // No id says that it is gone.
  if (found === undefined) return response;
  response.setId(request.getId());
  response.setInputs(writeProperties(found.inputs));
  response.setProperties(writeProperties(found.state));
  return response;
}

async function update(kind: ResourceKind, request: UpdateRequest): Promise<UpdateResponse> {
  const state = readProperties(request.getOlds());
  const inputs = readProperties(request.getNews());
  const response = new UpdateResponse();
  response.setProperties(
    writeProperties(
      request.getPreview()
        ? kind.preview(inputs, state)
        : await kind.update(request.getId(), state, inputs, placeOf(request)),
    ),
  );
  return response;
}

function kindOf(provider: Provider, request: { getUrn(): string }): ResourceKind {
  const type = typeOf(request.getUrn());
  const kind = provider.kinds[type];
  if (kind === undefined) throw new Error(`this DOUBLE does not know the type '${type}'`);
  return kind;
}

/** From `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function placeOf(request: { getUrn(): string }): Place {
  const urn = request.getUrn();
  return { urn, name: urn.split("::").slice(3).join("::") };
}

/** The names of the properties that paths begin with, each once. */
function rootsOf(changes: readonly PropertyChange[]): string[] {
  return [...new Set(changes.map(({ path }) => path.split(/[.[]/, 1)[0]!))];
}

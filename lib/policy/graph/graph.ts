import { printable } from "../../kubernetes/names";
import type { KubernetesObject } from "../../kubernetes/object";
import type { DeclaredProvenance } from "../../signing/provenance";
import type { RenderRecord } from "../../signing/render-record";
import type { SignatureRecord } from "../../signing/signature";
import { groupBy } from "../../support/group-by";
import type { PlaybookProof } from "../../support/playbook-proof";
import { isRecord } from "../reading/shape";
import { MadeOnce, meets, noteDerived } from "./reads";
import type { Made, Reads } from "./reads";

/** Whose a node is: a cluster's platform, or one tenant's on that cluster. */
export interface Scope {
  readonly cluster: string;
  /** Undefined for what belongs to the platform. */
  readonly tenant?: string;
}

interface Node {
  /** How a person finds it: `Deployment tenant-acme/api`, `chart tenant-acme`. */
  readonly id: string;
  readonly scope: Scope;
}

export interface ObjectNode extends Node {
  readonly object: KubernetesObject;
  /** Whether the engine refuses to delete or replace it; undefined where no engine has it. */
  readonly protect?: boolean;
  /** Whether a chart's component made it, so that the chart has to have recorded it. */
  readonly rendered?: boolean;
  /**
   * Whether a cluster holds it, where the scheduler and controllers have written into it. That is for
   * who has read it there to say: whatever a manifest says of itself, anybody may have written.
   */
  readonly inCluster?: boolean;
  /** Of a Kubernetes Secret with values that are marked secret, which its object lacks. */
  readonly someSecret?: SomeSecret;
}

/** Whether something holds for one of the secret texts at least: no more than that leaves. */
export type SomeSecret = (is: (text: string) => boolean) => boolean;

/** A tenant that somebody declared on a cluster. */
export interface TenantNode extends Node {
  readonly scope: Required<Scope>;
}

/** A chart that is to be applied, with the signatures that came along. */
export interface ChartNode extends Node {
  /** OCI reference by digest: `registry.example:5000/atom/charts/services@sha256:…`. */
  readonly reference: string;
  readonly signatures: readonly SignatureRecord[];
  /** Signatures of the images that its services use. */
  readonly imageSignatures?: readonly SignatureRecord[];
  /** What it came to before anything of it was registered. */
  readonly render?: RenderRecord;
}

/** One run of an Ansible playbook. */
export interface PlaybookNode extends Node {
  readonly argv: readonly string[];
  /** What was confirmed for a run that applies: it has to equal {@link planHash}. */
  readonly confirmed?: string;
  readonly planHash: string;
  /** The parsed playbook: a list of plays. */
  readonly document: unknown;
  /** Of the playbook's bytes; undefined where nobody has read them. */
  readonly digest?: string;
  /** What was seen when a playbook was run where it could be watched. */
  readonly proof?: PlaybookProof;
}

/** How a chart's release behaves when it fails. */
export interface ReleaseNode extends Node {
  readonly automaticRollback: boolean;
  /** Revisions kept to go back to. */
  readonly historyLimit: number;
  readonly timeoutSeconds: number;
  /** Seconds for the way back alone; undefined where it has to fit into what is left of {@link timeoutSeconds}. */
  readonly rollbackTimeoutSeconds?: number;
  /** What becomes of a first deploy that fails: `keep` leaves all that it made. */
  readonly failedInstall?: string;
}

export interface VaultPolicyNode extends Node {
  readonly name: string;
  /** HCL. */
  readonly policy: string;
}

export interface VaultRoleNode extends Node {
  readonly name: string;
  readonly boundNamespaces: readonly string[];
  readonly boundServiceAccounts: readonly string[];
  /** A selector that lets in more namespaces, by their labels. */
  readonly namespaceSelector?: string;
  /** What a service account's token has to be issued for. */
  readonly audience?: string;
  readonly policies: readonly string[];
  readonly tokenTtlSeconds: number;
  /** Undefined, or 0, for the server's default, which is 32 days. */
  readonly tokenMaxTtlSeconds?: number;
  /** A token of a period is renewed without an end. */
  readonly tokenPeriodSeconds?: number;
}

/** A registry mirror with what its image lock has. */
export interface MirrorNode extends Node {
  /** Registry, with a port or a path where it has one: `registry.example:5000`. */
  readonly target: string;
  /** Each image at the target by digest, by its name. */
  readonly images: Readonly<Record<string, string>>;
  /** Signatures of those images. */
  readonly imageSignatures?: readonly SignatureRecord[];
  /** Why images are not to be had, by their names: a copy or a verification failed. */
  readonly unmirrored?: Readonly<Record<string, string>>;
  /** What has to be known of how an image was built, and what its builder says, by the image's name. */
  readonly provenance?: Readonly<Record<string, DeclaredProvenance>>;
}

/** One secret on the far side of a replication, with what its signature says; no value is in it. */
export interface ReplicaNode extends Node {
  /** The KV mount and the path below it, where the secret was read. */
  readonly mount: string;
  readonly path: string;
  /** The newest version that was read there. */
  readonly version: number;
  /** What its signed statement binds; undefined if there is no signature that can be read. */
  readonly statement?: {
    readonly tenant: string | null;
    readonly mount: string;
    readonly path: string;
    readonly version: number;
    /** ISO 8601. */
    readonly expires: string;
  };
  /** Why its signature does not verify, or is of an older version than is known; undefined if it does. */
  readonly fault?: string;
}

/** What a daemon answered when it was asked for its metrics. */
export interface MetricsNode extends Node {
  /** HTTP status; undefined where nothing answered. */
  readonly status: number | undefined;
  readonly contentType: string;
  readonly body: string;
}

/** A stack that reads another one's outputs. */
export interface StackReferenceNode extends Node {
  /** The stack that reads: `tenant.acme.eu-west`; undefined if that is not known. */
  readonly from: string | undefined;
  /** The stack that is read: `organization/atom/platform.eu-west`. */
  readonly to: string;
}

/** Everything a graph is made of. Every list defaults to empty. */
export interface GraphContent {
  readonly clusters: readonly string[];
  readonly tenants: readonly TenantNode[];
  readonly objects: readonly ObjectNode[];
  readonly charts: readonly ChartNode[];
  readonly playbooks: readonly PlaybookNode[];
  readonly releases: readonly ReleaseNode[];
  readonly vaultPolicies: readonly VaultPolicyNode[];
  readonly vaultRoles: readonly VaultRoleNode[];
  readonly stackReferences: readonly StackReferenceNode[];
  readonly metrics: readonly MetricsNode[];
  readonly mirrors: readonly MirrorNode[];
  readonly replicas: readonly ReplicaNode[];
  /** Public keys (PEM) whose signatures count. */
  readonly trustedKeys: readonly string[];
  /** Whether all values come from text, which holds no unknown ones: then nobody looks for them. */
  readonly plain: boolean;
}

/**
 * What the rules decide over: all objects and facts of one or more stacks, whether they came from
 * the engine, an in-process run, manifests or a live cluster. Nobody changes it but who follows a
 * cluster with it: what was made of what has changed is then forgotten.
 */
export class ResourceGraph implements GraphContent {
  readonly clusters: readonly string[];
  readonly tenants: readonly TenantNode[];
  readonly objects: readonly ObjectNode[];
  readonly charts: readonly ChartNode[];
  readonly playbooks: readonly PlaybookNode[];
  readonly releases: readonly ReleaseNode[];
  readonly vaultPolicies: readonly VaultPolicyNode[];
  readonly vaultRoles: readonly VaultRoleNode[];
  readonly stackReferences: readonly StackReferenceNode[];
  readonly metrics: readonly MetricsNode[];
  readonly mirrors: readonly MirrorNode[];
  readonly replicas: readonly ReplicaNode[];
  readonly trustedKeys: readonly string[];
  readonly plain: boolean;

  // Made when they are first asked for: there may be a graph for each of a thousand tenants.
  #byKind?: ReadonlyMap<string | undefined, readonly ObjectNode[]>;
  readonly #made = new MadeOnce<ResourceGraph>(this);

  constructor(content: Partial<GraphContent>) {
    this.clusters = content.clusters ?? [];
    this.tenants = content.tenants ?? [];
    this.objects = content.objects ?? [];
    this.charts = content.charts ?? [];
    this.playbooks = content.playbooks ?? [];
    this.releases = content.releases ?? [];
    this.vaultPolicies = content.vaultPolicies ?? [];
    this.vaultRoles = content.vaultRoles ?? [];
    this.stackReferences = content.stackReferences ?? [];
    this.metrics = content.metrics ?? [];
    this.mirrors = content.mirrors ?? [];
    this.replicas = content.replicas ?? [];
    this.trustedKeys = content.trustedKeys ?? [];
    this.plain = content.plain ?? false;
  }

  /** All objects of a kind, over all clusters, whatever API group the kind is of. */
  ofKind(kind: string): readonly ObjectNode[] {
    this.#byKind ??= groupBy(this.objects, ({ object }) => kindOf(object));
    return this.#byKind.get(kind) ?? [];
  }

  /** What a function makes of this graph; made once. */
  derive<T>(make: (graph: ResourceGraph) => T): T {
    noteDerived(make);
    return this.#made.by(make).value;
  }

  /**
   * Forgets what was made of objects that are others now, and of what was made of them.
   *
   * @param isChanged whether a computation has read what changed.
   * @returns what was forgotten.
   */
  forget(isChanged: (reads: Reads) => boolean): ReadonlySet<unknown> {
    const forgotten = new Set<unknown>();
    // What was made while nobody wanted to know of what, is never made again.
    const isOld = ({ reads }: Made) =>
      reads !== undefined && (isChanged(reads) || meets(reads.derived, forgotten));
    for (let more = this.#made.forget(isOld); more.length > 0; more = this.#made.forget(isOld)) {
      for (const make of more) forgotten.add(make);
    }
    return forgotten;
  }
}

/** An object with its scope as a node of the graph. The object may be anything: rules report it. */
export function objectNode(object: KubernetesObject, scope: Scope): ObjectNode {
  const kind = text(kindOf(object));
  const name = text(metadataOf(object)?.["name"]);
  const namespace = metadataOf(object)?.["namespace"] ?? undefined;
  const path = namespace === undefined ? name : `${text(namespace)}/${name}`;
  return { id: `${kind} ${path}`, scope, object };
}

/** A scope as the key of a map. */
export function scopeKey({ cluster, tenant }: Scope): string {
  return tenant === undefined ? cluster : `${cluster}\n${tenant}`;
}

/** The kind of what should be an object, or undefined if it has none that can be read. */
export function kindOf(object: unknown): string | undefined {
  const kind = isRecord(object) ? object["kind"] : undefined;
  return typeof kind === "string" ? kind : undefined;
}

function metadataOf(object: unknown): Readonly<Record<string, unknown>> | undefined {
  const metadata = isRecord(object) ? object["metadata"] : undefined;
  return isRecord(metadata) ? metadata : undefined;
}

/** A part of an id: plain where it can be, `?` where it is not known, never a line of its own. */
function text(value: unknown): string {
  if (typeof value !== "string") return "?";
  return /^[^\s/%\p{C}]{1,253}$/u.test(value) ? value : printable(value);
}

/** A namespace of a cluster as the key of a map; what names none has a key of its own. */
export function namespaceKey(cluster: string, namespace: string | undefined): string {
  return `${cluster}\n${namespace ?? ""}`;
}

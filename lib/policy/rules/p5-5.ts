import { printable, tenantNamespace } from "../../kubernetes/names";
import type { KubernetesObject } from "../../kubernetes/object";
import type { Container, PodTemplate } from "../../kubernetes/pod-template";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { decodedText, SECRET_TEXTS } from "../graph/marked-secrets";
import type { TextEncoding } from "../graph/marked-secrets";
import { tenantOfStack } from "../graph/stack-references";
import { fieldOf, listAt, MalformedError, recordAt, textsAt } from "../reading/read";
import type { Fields, Path } from "../reading/read";
import { isRecord } from "../reading/shape";
import { shown } from "../reading/shown";
import { withVariables } from "../reading/variables";
import type { StackReferenceSubject } from "../subjects/fact-subjects";
import { stackReferences } from "../subjects/fact-subjects";
import { podsAndContainers } from "../subjects/subjects";
import type { ObjectSubject, PodSubject } from "../subjects/subjects";
import { namespaceOwner, ofTenants, tenantOf, tenantsOwn } from "../tenants/tenant-namespaces";

const PREFIX = tenantNamespace("");
const SECRET = "Secret";
/** Where objects hold texts, and how these are written. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, TextEncoding>>>> = {
  ConfigMap: { data: "plain", binaryData: "base64" },
  [SECRET]: SECRET_TEXTS,
};
/** What others act upon for a tenant, by its annotations: `auth-url`, `mirror-target`, a route. */
const ANNOTATED = ["Ingress", "Service"];
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
/**
 * A namespace in the name of a Service or a Pod: `db.tenant-b.svc.cluster.local`, `db.tenant-b:5432`.
 * It is the last part of a name, or stands before these words; a dot at the end makes no other name.
 */
const NAMESPACE_IN_HOST =
  /\.([a-z0-9-]*[a-z0-9])(?=\.(?:svc|pod)(?![a-z0-9-])|\.?(?![a-z0-9.-]))/gi;
/** Most texts name no Service at all. */
const MAY_NAME_A_SERVICE = /\.(?:svc|pod|tenant-)/i;
/** A letter, a digit, a hyphen or a dot as a URL may have it. */
const ENCODED = /%(?:2[de]|3\d|[46][1-9a-f]|[57][\da])/gi;
/** Where a container holds commands. */
const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ["command"],
  ["args"],
  ["livenessProbe", "exec", "command"],
  ["readinessProbe", "exec", "command"],
  ["startupProbe", "exec", "command"],
  ["lifecycle", "postStart", "exec", "command"],
  ["lifecycle", "preStop", "exec", "command"],
];

/**
 * No stack reaches for what is another tenant's: by the name of a Service in a container's
 * environment, arguments and commands, those of probes and hooks among them, in a pod's own host names
 * and search domains, in a ConfigMap and in a Secret, in the annotations of pods, Ingresses and Services,
 * and by a reference to another stack. Variables are put in where the container itself gives their
 * value, not one that is a ConfigMap's or a Secret's. Fields that name a namespace are P1-DATA-1's,
 * P1-DATA-3's, P1-NET-5's and P1-RBAC-1's. What a Secret holds is in
 * no message, the name of the namespace included; a scan of a cluster reads no Secret's values, so
 * that there is nothing to look into.
 */
export const p5Rule5 = defineRule<PodPart | ObjectSubject | StackReferenceSubject>({
  id: "P5-5",
  policy: "P5",
  severity: "high",
  title: "no stack refers to another tenant's namespace or reads another tenant's stack",
  why: "a tenant that hangs on another one's services or outputs reads its data, and fails with it",
  remediation:
    "talk to the tenant's own services or to the platform's, and give StackReference the platform's stack or the tenant's own",
  source:
    "Kubernetes documentation: DNS for Services and Pods; Pulumi documentation: StackReference",
  inHome: [
    (home) => tenantsOwn(home, podsAndContainers(home)),
    ...[...Object.keys(TEXTS), ...ANNOTATED].map(ofTenants),
  ],
  subjects: stackReferences,
  check(subject, report, graph) {
    if ("fact" in subject) {
      checkReference(subject.fact.from, subject.fact.to, report);
      return;
    }
    const { object, someSecret } = subject.node;
    const place = { graph, cluster: subject.scope.cluster, tenant: tenantOf(subject) };
    const isSecret = object.kind === SECRET;
    const look: Look = (text, ...path) => {
      const other = otherNamespace(text, place);
      if (other === undefined) return;
      const named = isSecret ? "" : `${printable(other)}, `;
      report(fieldOf(path), `names ${named}another tenant's namespace`);
    };
    if (someSecret?.((text) => otherNamespace(text, place) !== undefined) === true) {
      report("", "names another tenant's namespace");
    }
    if (ANNOTATED.includes(object.kind)) {
      const path = ["metadata", "annotations"];
      eachAnnotation(recordAt(object, ...path), path, look);
    } else if (!("pod" in subject)) eachTextOfData(object, look);
    else if (subject.container === undefined) eachNameOfPod(subject.pod, look);
    else eachTextOfContainer(subject.container, look);
  },
});

/** A pod, or one of its containers. */
type PodPart = PodSubject & { readonly container?: Container };

function checkReference(from: string | undefined, to: unknown, report: Report): void {
  const reader = tenantOfStack(from);
  if (typeof to !== "string") {
    report(".to", `is ${shown(to)}; name a stack`);
    return;
  }
  const read = tenantOfStack(to);
  const isPlatform = /(?:^|\/)platform\.[^./]+$/.test(to);
  // Of stacks that are named otherwise, nobody knows whose they are.
  const allowed = read === undefined ? reader === undefined || isPlatform : read === reader;
  if (!allowed) {
    const own =
      reader === undefined ? "platform.<region>" : `platform.<region> or tenant.${reader}.<region>`;
    report(".to", `is ${printable(to)}; allowed is ${own}`);
  }
}

type Look = (text: unknown, ...path: Path) => void;

function eachTextOfContainer(container: Container, look: Look): void {
  const variables = new Map<string, string>();
  try {
    eachVariable(container, variables, look);
  } finally {
    // A variable that is not known hides nothing of these.
    for (const path of COMMANDS) {
      // Most containers have none of it.
      if (container[path[0]] === undefined) continue;
      textsAt(container, ...path).forEach((text, at) => {
        look(withVariables(text, variables), ...path, at);
      });
    }
  }
}

/** A variable may have those before it in its value. */
function eachVariable(container: Container, variables: Map<string, string>, look: Look): void {
  listAt(container, "env").forEach((variable, at) => {
    if (!isRecord(variable)) throw new MalformedError(fieldOf(["env", at]), "is no object");
    const { name, value } = variable;
    const text = typeof value === "string" ? withVariables(value, variables) : value;
    look(text, "env", at, "value");
    if (typeof name === "string" && typeof text === "string") variables.set(name, text);
  });
}

/** What ingress controllers, gateways and sidecars call is in annotations. */
function eachAnnotation(annotations: Fields | undefined, path: Path, look: Look): void {
  for (const key in annotations) {
    // It says the object's own fields once more.
    if (key !== LAST_APPLIED) look(annotations[key], ...path, key);
  }
}

function eachNameOfPod(pod: PodTemplate, look: Look): void {
  const annotations = ["metadata", "annotations"];
  eachAnnotation(recordAt(pod, ...annotations), annotations, look);
  // Most pods leave both to the cluster.
  if (pod.spec["dnsConfig"] !== undefined) {
    const path = ["spec", "dnsConfig", "searches"];
    // A search domain is the end of a name.
    textsAt(pod, ...path).forEach((domain, at) => look(`.${domain}`, ...path, at));
  }
  if (pod.spec["hostAliases"] === undefined) return;
  listAt(pod, "spec", "hostAliases").forEach((_, at) => {
    const path = ["spec", "hostAliases", at, "hostnames"];
    textsAt(pod, ...path).forEach((name, index) => look(name, ...path, index));
  });
}

function eachTextOfData(object: KubernetesObject, look: Look): void {
  for (const [field, encoding] of Object.entries(TEXTS[object.kind]!)) {
    const data = recordAt(object, field) ?? {};
    for (const key of Object.keys(data)) {
      const text = data[key];
      look(typeof text === "string" ? decodedText(text, encoding) : text, field, key);
    }
  }
}

/** Where a text was found. */
interface Found {
  readonly graph: ResourceGraph;
  readonly cluster: string;
  readonly tenant: string | undefined;
}

function otherNamespace(text: unknown, { graph, cluster, tenant }: Found): string | undefined {
  if (typeof text !== "string") return undefined;
  const plain = text.includes("%") ? text.replace(ENCODED, decodeURIComponent) : text;
  if (!MAY_NAME_A_SERVICE.test(plain)) return undefined;
  for (const [, found] of plain.matchAll(NAMESPACE_IN_HOST)) {
    const namespace = found!.toLowerCase();
    const owner = namespaceOwner(graph, cluster, namespace);
    const isOther = owner === undefined ? namespace.startsWith(PREFIX) : owner !== tenant;
    if (isOther && namespace !== tenantNamespace(tenant ?? "")) return namespace;
  }
  return undefined;
}

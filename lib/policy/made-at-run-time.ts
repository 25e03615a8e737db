import type { ResourceGraph } from "./graph";
import type { NamedObject } from "./named-objects";
import { perGraph } from "./per-graph";
import { eachElement, recordAt, valueAt } from "./read";
import { objectsOfKind } from "./subjects";
import type { ObjectSubject } from "./subjects";
import { namespaceOf } from "./tenant-namespaces";

/** What Kubernetes and OpenShift put into every namespace. */
const EVERYWHERE = new Set(["ConfigMap kube-root-ca.crt", "ConfigMap openshift-service-ca.crt"]);

/** Visits the names of what a controller makes of an object. */
type ReadMade = (object: unknown, made: (kind: string, name: unknown) => void) => void;

/** The objects of which controllers make others, by kind. */
const MAKERS: Readonly<Record<string, ReadMade>> = {
  // cert-manager, for each host with TLS.
  Ingress(ingress, made) {
    if (!ISSUERS.some((key) => Boolean(valueAt(ingress, "metadata", "annotations", key)))) return;
    eachElement(ingress, ["spec", "tls"], (tls) => made("Secret", valueAt(tls, "secretName")));
  },
  Certificate(certificate, made) {
    made("Secret", valueAt(certificate, "spec", "secretName"));
  },
  // The secrets store, beside what it mounts.
  SecretProviderClass(provider, made) {
    eachElement(provider, ["spec", "secretObjects"], (secret) => {
      made("Secret", valueAt(secret, "secretName"));
    });
  },
  ExternalSecret(external, made) {
    made("Secret", valueAt(external, "spec", "target", "name") ?? nameIn(external));
  },
  SealedSecret(sealed, made) {
    made("Secret", valueAt(sealed, "spec", "template", "metadata", "name") ?? nameIn(sealed));
  },
  VaultStaticSecret: vaultSecret,
  VaultDynamicSecret: vaultSecret,
  VaultPKISecret: vaultSecret,
  // OpenShift, for whoever calls the Service.
  Service(service, made) {
    const key = "service.beta.openshift.io/serving-cert-secret-name";
    made("Secret", valueAt(service, "metadata", "annotations", key));
  },
  // A claim for each pod: `data-db-0`.
  StatefulSet(set, made) {
    eachElement(set, ["spec", "volumeClaimTemplates"], (template) => {
      const name = valueAt(template, "metadata", "name");
      if (typeof name !== "string" || typeof nameIn(set) !== "string") return;
      made(CLAIM_SERIES, `${name}-${String(nameIn(set))}`);
    });
  },
};

/** Stands for the claims of a StatefulSet, whose names end in a number. */
const CLAIM_SERIES = "PersistentVolumeClaim series";

const ISSUERS = [
  "cert-manager.io/cluster-issuer",
  "cert-manager.io/issuer",
  "kubernetes.io/tls-acme",
];

function vaultSecret(secret: unknown, made: (kind: string, name: unknown) => void): void {
  // Without `create` the operator fills a Secret that has to be there.
  if (recordAt(secret, "spec", "destination")?.["create"] !== true) return;
  made("Secret", valueAt(secret, "spec", "destination", "name"));
}

function nameIn(object: unknown): unknown {
  return valueAt(object, "metadata", "name");
}

/** Whether some controller makes an object, though no graph before the run holds it. */
export function isMadeAtRunTime(graph: ResourceGraph, wanted: NamedObject): boolean {
  const { cluster, namespace, kind, group, name } = wanted;
  if (group !== "") return false;
  if (EVERYWHERE.has(`${kind} ${name}`)) return true;
  const known = madeNames(graph);
  if (known.has(key(cluster, namespace, kind, name))) return true;
  const series = kind === "PersistentVolumeClaim" ? /^(.+)-[0-9]+$/.exec(name)?.[1] : undefined;
  return series !== undefined && known.has(key(cluster, namespace, CLAIM_SERIES, series));
}

const madeNames = perGraph((graph): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const [kind, read] of Object.entries(MAKERS)) {
    for (const maker of objectsOfKind(graph, kind)) {
      const namespace = namespaceOf(maker);
      if (namespace === undefined) continue;
      readMade(maker, read, (made, name) => {
        if (typeof name === "string") names.add(key(maker.scope.cluster, namespace, made, name));
      });
    }
  }
  return names;
});

/** What can be read; an object that cannot makes nothing that anybody could rely on. */
function readMade(
  maker: ObjectSubject,
  read: ReadMade,
  made: (kind: string, name: unknown) => void,
): void {
  try {
    read(maker.node.object, made);
  } catch {
    return;
  }
}

function key(...parts: readonly string[]): string {
  return parts.join("\n");
}

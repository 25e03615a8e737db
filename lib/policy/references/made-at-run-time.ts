import { perHome } from "../graph/home";
import type { Home } from "../graph/home";
import { eachElement, recordAt, valueAt } from "../reading/read";
import { isOfGroup } from "../subjects/candidates";
import type { ObjectSubject } from "../subjects/subjects";
import type { NamedObject } from "./named-objects";

/** What Kubernetes and OpenShift put into every namespace. */
const EVERYWHERE = new Set(["ConfigMap kube-root-ca.crt", "ConfigMap openshift-service-ca.crt"]);

/** Visits the names of what a controller makes of an object. */
type ReadMade = (object: unknown, made: (kind: string, name: unknown) => void) => void;

/** An object of which a controller makes others. */
interface Maker {
  /** API group; empty for the core. */
  readonly group: string;
  readonly read: ReadMade;
}

/** By kind. */
const MAKERS: Readonly<Record<string, Maker>> = {
  // cert-manager, for each host with TLS.
  Ingress: {
    group: "networking.k8s.io",
    read(ingress, made) {
      if (!ISSUERS.some((key) => Boolean(valueAt(ingress, "metadata", "annotations", key)))) return;
      eachElement(ingress, ["spec", "tls"], (tls) => made("Secret", valueAt(tls, "secretName")));
    },
  },
  Certificate: {
    group: "cert-manager.io",
    read(certificate, made) {
      made("Secret", valueAt(certificate, "spec", "secretName"));
    },
  },
  // The secrets store, beside what it mounts.
  SecretProviderClass: {
    group: "secrets-store.csi.x-k8s.io",
    read(provider, made) {
      eachElement(provider, ["spec", "secretObjects"], (secret) => {
        made("Secret", valueAt(secret, "secretName"));
      });
    },
  },
  ExternalSecret: {
    group: "external-secrets.io",
    read(external, made) {
      made("Secret", valueAt(external, "spec", "target", "name") ?? nameIn(external));
    },
  },
  SealedSecret: {
    group: "bitnami.com",
    read(sealed, made) {
      made("Secret", valueAt(sealed, "spec", "template", "metadata", "name") ?? nameIn(sealed));
    },
  },
  VaultStaticSecret: { group: "secrets.hashicorp.com", read: vaultSecret },
  VaultDynamicSecret: { group: "secrets.hashicorp.com", read: vaultSecret },
  VaultPKISecret: { group: "secrets.hashicorp.com", read: vaultSecret },
  // OpenShift, for whoever calls the Service.
  Service: {
    group: "",
    read(service, made) {
      const key = "service.beta.openshift.io/serving-cert-secret-name";
      made("Secret", valueAt(service, "metadata", "annotations", key));
    },
  },
  // A claim for each pod: `data-db-0`.
  StatefulSet: {
    group: "apps",
    read(set, made) {
      eachElement(set, ["spec", "volumeClaimTemplates"], (template) => {
        const name = valueAt(template, "metadata", "name");
        if (typeof name !== "string" || typeof nameIn(set) !== "string") return;
        made(CLAIM_SERIES, `${name}-${String(nameIn(set))}`);
      });
    },
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

/** Whether some controller makes an object in a namespace, though no graph before the run holds it. */
export function isMadeAtRunTime(home: Home, { kind, group, name }: NamedObject): boolean {
  if (group !== "") return false;
  if (EVERYWHERE.has(`${kind} ${name}`)) return true;
  const known = madeNames(home);
  if (known.has(key(kind, name))) return true;
  const series = kind === "PersistentVolumeClaim" ? /^(.+)-[0-9]+$/.exec(name)?.[1] : undefined;
  return series !== undefined && known.has(key(CLAIM_SERIES, series));
}

const madeNames = perHome((home): ReadonlySet<string> => {
  const names = new Set<string>();
  const made = (kind: string, name: unknown) => {
    if (typeof name === "string") names.add(key(kind, name));
  };
  for (const kind of home.kinds) {
    if (kind === undefined || !Object.hasOwn(MAKERS, kind)) continue;
    for (const subject of home.ofKind(kind)) readMade(subject, MAKERS[kind]!, made);
  }
  return names;
});

/** What can be read; an object that cannot makes nothing that anybody could rely on. */
function readMade(
  subject: ObjectSubject,
  { group, read }: Maker,
  made: (kind: string, name: unknown) => void,
): void {
  try {
    if (isOfGroup(subject, group)) read(subject.node.object, made);
  } catch {
    return;
  }
}

function key(kind: string, name: string): string {
  return `${kind}\n${name}`;
}

import { perHome } from "../graph/home";
import type { Home } from "../graph/home";
import { eachElement, recordAt, valueAt } from "../reading/read";
import type { ObjectSubject } from "../subjects/subjects";
import type { NamedObject } from "./named-objects";

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
    for (const maker of home.ofKind(kind)) readMade(maker, MAKERS[kind]!, made);
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

function key(kind: string, name: string): string {
  return `${kind}\n${name}`;
}

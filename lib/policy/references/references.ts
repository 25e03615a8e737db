import { apiGroup } from "../../kubernetes/kinds";
import { eachElement, MalformedError, recordAt, valueAt } from "../reading/read";
import { isRecord } from "../reading/shape";

/** The objects that a name may stand for. */
export interface Target {
  readonly kind: string;
  /** API group, empty for the core. */
  readonly group: string;
}

/**
 * Takes a name by which something calls an object of its own namespace.
 *
 * @param at where the name stands, below what is read, without the last field.
 * @param key that last field.
 */
export type VisitReference = (target: Target, name: unknown, at: string, key: string) => void;

/**
 * Visits the references in some part of an object, those left out that Kubernetes lets dangle.
 *
 * @throws MalformedError if the part is not built as it should be.
 */
export type ReadReferences = (from: unknown, visit: VisitReference) => void;

const SECRET = { kind: "Secret", group: "" };
const CONFIG_MAP = { kind: "ConfigMap", group: "" };
const SERVICE = { kind: "Service", group: "" };
const CLAIM = { kind: "PersistentVolumeClaim", group: "" };
const PROVIDER_CLASS = { kind: "SecretProviderClass", group: "secrets-store.csi.x-k8s.io" };

/** The driver that mounts secrets from a Vault by an object of the namespace. */
const SECRETS_STORE = "secrets-store.csi.k8s.io";

/** As a message may repeat it. */
const KIND = /^[A-Za-z]{1,63}$/;

/** What a container takes its variables from. */
export const containerReferences: ReadReferences = (container, visit) => {
  eachElement(container, ["env"], (variable, at) => {
    const from = recordAt(variable, "valueFrom");
    if (from === undefined) return;
    visitName(from["secretKeyRef"], "name", SECRET, `${at}.valueFrom.secretKeyRef`, visit);
    visitName(
      from["configMapKeyRef"],
      "name",
      CONFIG_MAP,
      `${at}.valueFrom.configMapKeyRef`,
      visit,
    );
  });
  eachElement(container, ["envFrom"], (source, at) => {
    visitName(source["secretRef"], "name", SECRET, `${at}.secretRef`, visit);
    visitName(source["configMapRef"], "name", CONFIG_MAP, `${at}.configMapRef`, visit);
  });
};

/** What a volume of a pod shows. */
export const volumeReferences: ReadReferences = (from, visit) => {
  const volume = recordAt(from) ?? {};
  visitName(volume["secret"], "secretName", SECRET, ".secret", visit);
  visitName(volume["configMap"], "name", CONFIG_MAP, ".configMap", visit);
  visitName(volume["persistentVolumeClaim"], "claimName", CLAIM, ".persistentVolumeClaim", visit);
  eachElement(volume, ["projected", "sources"], (source, at) => {
    visitName(source["secret"], "name", SECRET, `${at}.secret`, visit);
    visitName(source["configMap"], "name", CONFIG_MAP, `${at}.configMap`, visit);
  });
  const csi = recordAt(volume, "csi");
  if (csi === undefined) return;
  visitName(csi["nodePublishSecretRef"], "name", SECRET, ".csi.nodePublishSecretRef", visit);
  if (valueAt(csi, "driver") !== SECRETS_STORE) return;
  const key = "secretProviderClass";
  visitName(csi["volumeAttributes"], key, PROVIDER_CLASS, ".csi.volumeAttributes", visit);
};

/** The Secrets with which a pod's images are pulled. */
export const pullSecretReferences: ReadReferences = (pod, visit) => {
  eachElement(pod, ["spec", "imagePullSecrets"], (secret, at) => {
    visitName(secret, "name", SECRET, at, visit);
  });
};

/** What objects that carry no pod, and a StatefulSet beside its pod, refer to; by kind. */
export const OBJECT_REFERENCES: Readonly<Record<string, ReadReferences>> = {
  ServiceAccount(account, visit) {
    for (const list of ["imagePullSecrets", "secrets"]) {
      eachElement(account, [list], (secret, at) => visitName(secret, "name", SECRET, at, visit));
    }
  },
  Ingress(ingress, visit) {
    const backend = valueAt(ingress, "spec", "defaultBackend", "service");
    visitName(backend, "name", SERVICE, ".spec.defaultBackend.service", visit);
    eachElement(ingress, ["spec", "tls"], (tls, at) => {
      visitName(tls, "secretName", SECRET, at, visit);
    });
    eachElement(ingress, ["spec", "rules"], (rule, at) => {
      eachElement(rule, ["http", "paths"], (path, within) => {
        const service = valueAt(path, "backend", "service");
        visitName(service, "name", SERVICE, `${at}${within}.backend.service`, visit);
      });
    });
  },
  HorizontalPodAutoscaler(autoscaler, visit) {
    const target = valueAt(autoscaler, "spec", "scaleTargetRef");
    const kind = valueAt(target, "kind");
    const version = valueAt(target, "apiVersion");
    const scaled = {
      kind: typeof kind === "string" && KIND.test(kind) ? kind : "scale target",
      group: typeof version === "string" ? apiGroup(version) : "",
    };
    visitName(target, "name", scaled, ".spec.scaleTargetRef", visit);
  },
  StatefulSet(set, visit) {
    visitName(valueAt(set, "spec"), "serviceName", SERVICE, ".spec", visit);
  },
};

function visitName(
  source: unknown,
  key: string,
  target: Target,
  at: string,
  visit: VisitReference,
): void {
  if (source === undefined || source === null) return;
  if (!isRecord(source)) throw new MalformedError(at, "is no object");
  if (valueAt(source, "optional") === true) return;
  const name = valueAt(source, key) ?? "";
  // Where there has to be a name the API server refuses an empty one.
  if (name !== "") visit(target, name, at, key);
}

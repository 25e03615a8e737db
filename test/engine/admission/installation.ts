import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { ADMISSION_RULES } from "../../../lib/policy/admission/admission-rules";
import { admissionObjects } from "../../../lib/policy/admission/export";
import type { AdmissionAction } from "../../../lib/policy/admission/export";
import type { AdmissionServer } from "./admission-server";
import { placeOf } from "./admission-server";
import { customKinds } from "./custom-kinds";

/** The tenant whose namespace the objects are tried in. */
export const TENANT = "oracle";
export const HOME = `tenant-${TENANT}`;

/** Without labels of Pod Security, which would refuse most pods before a policy is asked. */
const NAMESPACE: KubernetesObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: HOME, labels: { "atom.cloud/tenant": TENANT } },
};
const ACCOUNT: KubernetesObject = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "api", namespace: HOME },
  automountServiceAccountToken: false,
};

/** The export on a bed's cluster, with a tenant to try it on. */
export class Installation {
  constructor(private readonly server: AdmissionServer) {}

  async prepare(): Promise<void> {
    for (const object of [NAMESPACE, ACCOUNT, ...customKinds()]) await this.#make(object);
  }

  /** Puts the export in the place of what is installed, and waits until it is in force. */
  async install(actions: readonly AdmissionAction[]): Promise<void> {
    await this.#uninstall();
    const objects = exported(actions);
    for (const object of objects) await this.#make(object);
    await this.#until(actions.includes("Audit") ? "nothing" : "all");
  }

  async remove(): Promise<void> {
    await this.#uninstall();
    // The namespace first: a kind that has just gone holds up what empties it.
    for (const object of [NAMESPACE, ...customKinds()]) {
      await this.server.remove(object);
      await until(async () => (await this.server.get(placeOf(object))) === undefined);
    }
  }

  /** The status of a policy once the controller has written it. */
  async status(name: string): Promise<{ typeChecking?: unknown }> {
    const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${name}`;
    const read = async () =>
      (await this.server.get<{ status?: { typeChecking?: unknown } }>(path))?.status ?? {};
    await until(async () => (await read()).typeChecking !== undefined);
    return read();
  }

  /** How many pods of the tenant bear a label `app`. */
  async podsOf(app: string): Promise<number> {
    const path = `/api/v1/namespaces/${HOME}/pods?labelSelector=app%3D${app}`;
    return (await this.server.get<{ items: unknown[] }>(path))?.items.length ?? 0;
  }

  async #make(object: KubernetesObject): Promise<void> {
    const { status, reason } = await this.server.create(object);
    if (status !== 201) throw new Error(`${object.metadata.name}: ${status} ${reason}`);
  }

  async #uninstall(): Promise<void> {
    for (const object of exported(["Deny"])) await this.server.remove(object);
    await this.#until("nothing");
  }

  /** The API server reads policies from a cache: tried with a pod that breaks one, and the last. */
  async #until(inForce: "all" | "nothing"): Promise<void> {
    await until(async () => {
      const answers = await Promise.all(
        PROBES.map(async (probe) => {
          const { status, warnings } = await this.server.tryToCreate(probe);
          return status === 403 || warnings.length > 0;
        }),
      );
      return answers.every((answer) => answer === (inForce === "all"));
    });
  }
}

/** Objects that the first and the last policies of the export refuse. */
const PROBES: readonly KubernetesObject[] = [
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "probe", namespace: HOME },
    spec: { podSelector: {} },
  },
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "probe", namespace: HOME },
    spec: { maxUnavailable: 0, selector: { matchLabels: { app: "x" } } },
  },
];

/** Where policies warn, they only say so: there is room for some 4,000 characters of warnings. */
function exported(actions: readonly AdmissionAction[]): KubernetesObject[] {
  return admissionObjects(ADMISSION_RULES, actions).map((object) => {
    if (object.kind !== "ValidatingAdmissionPolicy" || !actions.includes("Warn")) return object;
    const { validations, ...spec } = object["spec"] as { validations: { expression: string }[] };
    const short = validations.map(({ expression }) => ({ expression, message: "broken" }));
    return { ...object, spec: { ...spec, validations: short } };
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("the cluster is not there after 60 s");
    await sleep(200);
  }
}

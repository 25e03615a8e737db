import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { collectionOf, placeOf } from "../admission/admission-server";
import { ApiServer } from "../bed/api-server";
import type { ClusterAccess } from "../bed/control-plane";
import { clusterRole, HOME, role, roleBinding } from "./roles";

export interface Person {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface AccessRequest {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace: string;
}

/** Asks the API server's authorizer, and keeps a record of what was made for it. */
export class AuthorizationServer {
  readonly #api: ApiServer;
  readonly #made: KubernetesObject[] = [];
  #settled = 0;

  constructor(access: ClusterAccess) {
    this.#api = new ApiServer(access);
  }

  /** A service account as it appears to the authorizer; it need not be there. */
  account(namespace: string, name: string): Person {
    return {
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: [
        "system:serviceaccounts",
        `system:serviceaccounts:${namespace}`,
        "system:authenticated",
      ],
    };
  }

  /**
   * Whether somebody may do something. It is the question that `kubectl auth can-i --as` has the API
   * server ask of itself, put for somebody else.
   */
  async canI({ user, groups }: Person, request: AccessRequest): Promise<boolean> {
    const { status } = await this.#api.json<{ status: { allowed: boolean } }>(
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      {
        method: "POST",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SubjectAccessReview",
          spec: { user, groups, resourceAttributes: request },
        },
      },
    );
    return status.allowed;
  }

  async make(object: KubernetesObject): Promise<void> {
    const { status, body } = await this.#api.send(collectionOf(object), {
      method: "POST",
      body: object,
    });
    // One of Kubernetes' own is there already, and stays.
    if (status === 409) return;
    if (status !== 201) throw new Error(`${object.kind} ${object.metadata.name}: ${body}`);
    this.#made.push(object);
  }

  async remove(object: KubernetesObject): Promise<void> {
    await this.#api.send(placeOf(object), { method: "DELETE" });
  }

  async removeAll(): Promise<void> {
    for (const object of this.#made.reverse()) await this.remove(object);
  }

  async list(path: string): Promise<readonly KubernetesObject[]> {
    return (await this.#api.json<{ items: KubernetesObject[] }>(path)).items;
  }

  /**
   * Waits until the authorizer, which reads from a cache of each kind in the order of changes, knows
   * all that was made and removed before.
   */
  async settle(): Promise<void> {
    const name = `${HOME}-settled-${(this.#settled += 1)}`;
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];
    const near = role(name, rules);
    const far = clusterRole(name, rules);
    const wide = { ...roleBinding(name, far), metadata: { name }, kind: "ClusterRoleBinding" };
    const subjects = [{ kind: "ServiceAccount", name: `${name}-wide`, namespace: HOME }];
    for (const object of [near, roleBinding(name, near), far, { ...wide, subjects }]) {
      await this.make(object);
    }
    const request = { verb: "get", group: "", resource: "configmaps", namespace: HOME };
    const people = [name, `${name}-wide`].map((one) => this.account(HOME, one));
    const end = Date.now() + 20_000;
    for (const person of people) {
      while (!(await this.canI(person, request))) {
        if (Date.now() > end) throw new Error("the authorizer does not take it in within 20 s");
        await sleep(50);
      }
    }
  }

  close(): void {
    this.#api.close();
  }
}

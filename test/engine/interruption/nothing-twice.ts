import { expect } from "vitest";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { graphFromResources } from "../../../lib/policy/graph/graph-from-resources";
import type { RecordedStack } from "../../../lib/simulation/record-stack";
import { pathOf } from "../bed/api-server";
import type { ApiServer, StoredObject } from "../bed/api-server";
import { clusterInventory } from "../bed/inventory";
import type { PulumiStack } from "../project/pulumi";
import { resourceOf } from "../region/stored-objects";
import { unrecorded } from "./killed-up";

/** What Kubernetes itself makes of a Deployment, of a Service and of a namespace. */
const DERIVED = [
  /^(v1 Pod|apps\/v1 ReplicaSet) /,
  /^networking\.k8s\.io\/v1 IPAddress /,
  /^v1 (ServiceAccount \S+ default|ConfigMap \S+ kube-root-ca\.crt)$/,
];

/** Each resource of a stack once in its state, under the stack's own names. */
export function expectStateOnce(stack: PulumiStack, { resources }: RecordedStack): void {
  const urns = stack
    .resources()
    .map(({ urn }) => urn)
    // No program names them.
    .filter((urn) => !/::pulumi:(pulumi:Stack::|providers:\w+::default)/.test(urn));
  expect(urns.sort()).toEqual(resources.map(({ urn }) => urn).sort());
}

/** Each object of the stacks once in the cluster, and no other that was not there before. */
export async function expectObjectsOnce(
  api: ApiServer,
  before: readonly string[],
  stacks: readonly RecordedStack[],
): Promise<void> {
  const made = (await clusterInventory(api)).filter(
    (line) => !before.includes(line) && !DERIVED.some((pattern) => pattern.test(line)),
  );
  const wanted = stacks.flatMap(objectsOf);
  expect(made).toEqual(
    wanted
      .map(({ apiVersion, kind, metadata: { namespace = "-", name } }) =>
        [apiVersion, kind, namespace, name].join(" "),
      )
      .sort(),
  );
}

/** No object is held by a name that a killed run gave up. */
export async function expectOneHolder(api: ApiServer, stack: RecordedStack): Promise<void> {
  for (const object of objectsOf(stack)) {
    const resource = await resourceOf(api, object);
    const { metadata } = await api.json<StoredObject>(pathOf(resource, object.metadata));
    const holders = (metadata["managedFields"] as { manager: string; operation: string }[])
      .filter(({ operation }) => operation === "Apply")
      .map(({ manager }) => manager);
    expect([object.kind, object.metadata.name, ...holders]).toEqual([
      object.kind,
      object.metadata.name,
      `${stack.project}/${stack.stack}`,
    ]);
  }
}

/** A refresh finds nothing else and takes the notes of begun operations away; an update then changes nothing. */
export async function expectSettled(stack: PulumiStack): Promise<void> {
  const more = ["--expect-no-changes"];
  const refreshed = await stack.refresh({ more: [...more, "--clear-pending-creates"] });
  expect(refreshed.code, `${refreshed.stdout}\n${refreshed.stderr}`).toBe(0);
  expect(unrecorded(stack)).toEqual([]);
  const { code, stdout, stderr } = await stack.up({ more });
  expect(code, `${stdout}\n${stderr}`).toBe(0);
}

function objectsOf({ resources }: RecordedStack): KubernetesObject[] {
  return graphFromResources(resources).objects.map(({ object }) => object);
}

import type { Scope, StackReferenceNode } from "./graph";
import type { StackResource } from "./stack-resource";

interface Placed {
  readonly resource: StackResource;
  readonly scope: Scope;
}

/** Whether a resource is a stack's look at another stack's outputs. */
export function isStackReference({ type }: StackResource): boolean {
  return type === "pulumi:pulumi:StackReference";
}

/**
 * Makes nodes of stack references. Such a resource stands in no component: its cluster is that of
 * the components beside it in its stack.
 *
 * @param otherwise the cluster of a stack without a component.
 */
export function stackReferences(
  placed: readonly Placed[],
  otherwise: string,
): (reference: StackResource) => StackReferenceNode {
  const clusters = new Map<string | undefined, string>();
  for (const { resource, scope } of placed) {
    if (resource.type.startsWith("atom:index:")) clusters.set(stackOf(resource), scope.cluster);
  }
  return (reference) => {
    const from = stackOf(reference);
    const cluster = clusters.get(from) ?? otherwise;
    const tenant = tenantOfStack(from);
    return {
      id: `stack reference ${reference.name}`,
      scope: tenant === undefined ? { cluster } : { cluster, tenant },
      from,
      to: reference.inputs["name"] as string,
    };
  };
}

/** The tenant whose stack bears a name: `tenant.<name>.<region>`, with or without its project. */
export function tenantOfStack(name: string | undefined): string | undefined {
  return /(?:^|\/)tenant\.([^./]+)\.[^./]+$/.exec(name ?? "")?.[1];
}

/** The stack's name in a URN: `urn:pulumi:<stack>::<project>::<type>::<name>`. */
export function stackOf({ urn }: Pick<StackResource, "urn">): string | undefined {
  return /^urn:pulumi:(.+?)::/.exec(urn)?.[1];
}

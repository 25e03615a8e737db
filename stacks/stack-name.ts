import { UsageError } from "../lib/support/problem";

/** What a stack deploys: one region's platform, or one tenant in one region. */
export type StackTarget =
  | { readonly kind: "platform"; readonly region: string }
  | { readonly kind: "tenant"; readonly tenant: string; readonly region: string };

/**
 * The target that a stack's name stands for: `platform.<region>` or `tenant.<name>.<region>`. The
 * parts are DNS labels, which hold no dot, so no two targets share a name.
 *
 * @throws UsageError for any other name.
 */
export function parseStackName(name: string): StackTarget {
  const [kind, ...parts] = name.split(".");
  if (kind === "platform" && parts.length === 1 && parts[0] !== "") {
    return { kind, region: parts[0]! };
  }
  if (kind === "tenant" && parts.length === 2 && !parts.includes("")) {
    return { kind, tenant: parts[0]!, region: parts[1]! };
  }
  throw new UsageError("stack name", [
    {
      path: "stack",
      message: `'${name}' names neither a platform nor a tenant`,
      mend: "name it platform.<region> or tenant.<name>.<region>",
    },
  ]);
}

export function stackName(target: StackTarget): string {
  return target.kind === "platform"
    ? `platform.${target.region}`
    : `tenant.${target.tenant}.${target.region}`;
}

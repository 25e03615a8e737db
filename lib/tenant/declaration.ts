import { z } from "zod";
import { LONGEST_TENANT_NAME, nameProblem, printable } from "../kubernetes/names";
import { quantityProblem } from "../kubernetes/quantity-problem";
import { secretPathProblem } from "../kubernetes/secret-path";
import { checkedString, strictObject } from "../support/strict-schema";

/** What a tenant may use at most, requests and limits alike. */
export interface TenantQuota {
  /** Cores, as a Kubernetes quantity: `8` or `500m`. */
  readonly cpu: string;
  /** Bytes, as a Kubernetes quantity: `16Gi`. */
  readonly memory: string;
  /** Bytes of all volume claims together. @default "20Gi" */
  readonly storage?: string | undefined;
  /** Pods at one time. @default 30 */
  readonly pods?: number | undefined;
}

/** Why a tenant may not bear a name; undefined if it may. */
export function tenantNameProblem(name: string): string | undefined {
  const problem = nameProblem(name, LONGEST_TENANT_NAME);
  return problem === undefined ? undefined : `tenant ${problem}`;
}

const LABEL_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

/** The name of a tenant. */
export const tenantName = checkedString(tenantNameProblem, { pattern: LABEL_PATTERN });

/** The name of a region or a cluster. */
export function placeName(what: "region" | "cluster"): z.ZodString {
  const problemOf = (name: string) => {
    const problem = nameProblem(name);
    return problem === undefined ? undefined : `${what} ${problem}`;
  };
  return checkedString(problemOf, { pattern: LABEL_PATTERN });
}

const quantity = checkedString(quantityProblem, {
  pattern: "^[0-9]+(\\.[0-9]*)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})?$",
});

/** A tenant's quota as a fleet file or a stack writes it. */
export const tenantQuotaSchema = strictObject({
  cpu: quantity,
  memory: quantity,
  storage: quantity.optional(),
  pods: z.int().min(1).max(10_000).optional(),
});

/**
 * One tenant of a fleet file. What a tenant's services are, the chart says: whoever knows both
 * extends `services`.
 */
export const tenantSchema = strictObject({
  name: tenantName,
  regions: unique(placeName("region")).min(1),
  quota: tenantQuotaSchema,
  secrets: unique(checkedString(secretPathProblem)).max(100).optional(),
  services: z.record(z.string(), z.unknown()).optional(),
});

/** One tenant as a fleet file declares it. */
export type TenantDeclaration = z.infer<typeof tenantSchema>;

/** A list in which nothing stands twice. */
function unique(item: z.ZodString) {
  return z.array(item).superRefine((list, context) => {
    list.forEach((text, index) => {
      if (list.indexOf(text) < index) {
        context.addIssue({
          code: "custom",
          path: [index],
          message: `${printable(text)} is in the list twice; once is enough`,
        });
      }
    });
  });
}

import { z } from "zod";
import { LONGEST_TENANT_NAME, nameRule, printable } from "../kubernetes/names";
import { QUANTITY } from "../kubernetes/quantity-problem";
import { SECRET_PATH } from "../kubernetes/secret-path";
import { strictObject } from "../support/strict-schema";
import { ruledString } from "../support/string-rule";

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

/** What a tenant may be called. */
export const TENANT_NAME = nameRule({ what: "tenant", longest: LONGEST_TENANT_NAME });

/** The name of a tenant. */
export const tenantName = ruledString(
  TENANT_NAME,
  "name of the tenant, an RFC 1123 label of at most 56 characters; its namespace is tenant-<name>",
);

/** The name of a region or a cluster. */
export function placeName(what: "region" | "cluster"): z.ZodString {
  return ruledString(nameRule({ what }), `name of the ${what}, an RFC 1123 label`);
}

/** A tenant's quota as a fleet file or a stack writes it. */
export const tenantQuotaSchema = strictObject({
  cpu: ruledString(QUANTITY, "cores, requests and limits alike: 8 or 500m"),
  memory: ruledString(QUANTITY, "memory, requests and limits alike: 16Gi"),
  storage: ruledString(QUANTITY, "all volume claims together (default 20Gi)").optional(),
  pods: z.int().min(1).max(10_000).describe("pods at one time (default 30)").optional(),
}).describe("what the tenant may use at most in one region");

/**
 * One tenant of a fleet file. What a tenant's services are, the chart says: whoever knows both
 * extends `services`.
 */
export const tenantSchema = strictObject({
  name: tenantName,
  regions: unique(placeName("region")).min(1).describe("the regions it is placed in, one at least"),
  quota: tenantQuotaSchema,
  secrets: unique(ruledString(SECRET_PATH, "path below tenants/<tenant>/: database"))
    .max(100)
    .describe("KV v2 paths below tenants/<tenant>/ that are replicated (default none)")
    .optional(),
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

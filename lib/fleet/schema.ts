import { z } from "zod";
import { servicesLayerSchema, valuesLayerSchema } from "../chart/chart-values-schema";
import { nodePoolSchema } from "../join/declaration";
import { nameRule } from "../kubernetes/names";
import { waiverSchema } from "../policy/waiver";
import { imageSchema, sourceProblem } from "../registry/mirror/image";
import { tagPatternSchema } from "../registry/mirror/tag-pattern";
import { checkedString, strictObject } from "../support/strict-schema";
import { ruledString } from "../support/string-rule";
import { tenantSchema } from "../tenant/declaration";
import { clusterSourceSchema } from "../topology/topology";
import type { ClusterSource } from "../topology/topology";
import {
  SEMANTIC_VERSION,
  contextProblem,
  domainProblem,
  mountProblem,
  pathProblem,
  registryProblem,
  releaseProblem,
  vaultAddressProblem,
} from "./field-problems";

const name = (what: string, description: string) => ruledString(nameRule({ what }), description);

/** Also what the image's repository in the mirror ends with, so no two '-' in a row. */
const IMAGE_NAME = nameRule({
  what: "image",
  not: [{ pattern: "--", problem: () => "image name has two '-' in a row; one is enough" }],
});

const path = (description: string) => checkedString(pathProblem, { description });

const regionSchema = strictObject({
  name: name("region", "name of the region, an RFC 1123 label"),
  domain: checkedString(domainProblem, {
    description: "DNS name below which the hosts <service>.<tenant>.<domain> lie",
  }),
  values: valuesLayerSchema
    .optional()
    .describe("chart values for every tenant in the region, above the chart's defaults"),
}).describe("where clusters stand and tenants may be placed");

/** What becomes an argument or a file name; that it is there at all is the source's own check. */
function clusterSourceProblem(
  source: ClusterSource,
): { field: string; message: string } | undefined {
  if ("simulate" in source) return undefined;
  const [field, message] =
    "context" in source
      ? ["context", source.context && contextProblem(source.context)]
      : ["inventory", source.inventory && pathProblem(source.inventory)];
  return message ? { field, message } : undefined;
}

const clusterSchema = strictObject({
  name: name("cluster", "name of the cluster, an RFC 1123 label"),
  region: name("region", "the region it serves; each region has exactly one cluster"),
  source: clusterSourceSchema
    .superRefine((source, context) => {
      const problem = clusterSourceProblem(source);
      if (problem === undefined) return;
      context.addIssue({ code: "custom", path: [problem.field], message: problem.message });
    })
    .describe(
      "where the nodes are found: a kube context, an Ansible inventory (path relative to this file), or simulated ones",
    ),
  nodePool: strictObject({
    name: name("pool", "name of the pool, an RFC 1123 label"),
    nodes: nodePoolSchema.shape.nodes,
    join: nodePoolSchema.shape.join.describe("how nodes are admitted"),
  }).describe("the pool that worker nodes join"),
}).describe("a Kubernetes cluster that ATOM runs on");

const tagPattern = tagPatternSchema.shape;
const fleetImageSchema = strictObject({
  name: ruledString(
    IMAGE_NAME,
    "what charts call the image, and the last part of its repository in the mirror",
  ),
  source: imageSchema.shape.source.describe(
    "reference it is mirrored from, with a tag, a digest or both, or with neither beside tags: ghcr.io/atom-cloud/api:7.2.0",
  ),
  tags: strictObject({
    match: tagPattern.match.describe(
      "what a tag looks like, with * for any characters and ? for one: 7.*; pre-releases only if it has a '-'",
    ),
    newest: tagPattern.newest.describe("how many of them are mirrored, the newest: 1 to 100"),
  })
    .optional()
    .describe("tags that are mirrored instead of one; the name stands for the newest"),
  platforms: imageSchema.shape.platforms.describe(
    "platforms it has to offer, such as linux/amd64 (default: whatever it has)",
  ),
  publicKeys: z
    .array(path("file with a public key, relative to this file"))
    .min(1, "is empty; leave it out if the source need not be signed")
    .optional()
    .describe(
      "cosign public keys of which one has to have signed the image at its source; nothing of it is copied before (default: it is not asked for)",
    ),
})
  .superRefine((image, context) => {
    const message = sourceProblem(image);
    if (message !== undefined) context.addIssue({ code: "custom", path: ["source"], message });
  })
  .describe("an image that is mirrored and signed");

const fleetTenantSchema = tenantSchema
  .extend({
    services: servicesLayerSchema
      .optional()
      .describe(
        "chart values of its services by name, above the region's: changed or further ones",
      ),
  })
  .describe("a customer with one namespace of its own in each of its regions");

const vaultAddress = (description: string) => checkedString(vaultAddressProblem, { description });

/**
 * A fleet file, `atom.yaml`: the declaration that everything starts from. What one field alone can
 * tell is checked here; what takes two, `crossChecks` looks at.
 */
export const fleetSchema = strictObject({
  version: z.literal(1).describe("version of this file's form"),
  release: checkedString(releaseProblem, {
    pattern: SEMANTIC_VERSION,
    description: "release of ATOM Cloud that is deployed: 7.2.0",
  }),
  regions: z.array(regionSchema).min(1).describe("the regions of the fleet"),
  clusters: z.array(clusterSchema).min(1).describe("the clusters, exactly one a region"),
  registry: strictObject({
    target: checkedString(registryProblem, {
      description: "host and port of the registry that images are mirrored to",
    }),
  }).describe("the registry that the clusters pull from"),
  signing: strictObject({
    publicKey: path(
      "file with the public key that images and charts are verified with, relative to this file (default cosign.pub)",
    ).optional(),
    privateKey: path(
      "file with the cosign private key that signs, relative to this file; its password is read from COSIGN_PASSWORD",
    ).optional(),
  })
    .optional()
    .describe("the cosign keys"),
  images: z.array(fleetImageSchema).min(1).describe("every image that the services run"),
  vault: strictObject({
    primary: vaultAddress("address of the Vault that secrets come from"),
    secondary: vaultAddress("address of the Vault that they are replicated to"),
    mount: checkedString(mountProblem, {
      pattern: "^[a-z0-9][-a-z0-9_]{0,62}$",
      description: "mount of the KV v2 engine, the same in both",
    }),
  }).describe("the two Vaults"),
  tenants: z.array(fleetTenantSchema).describe("the tenants"),
  waivers: z
    .array(waiverSchema)
    .optional()
    .describe("rules lifted for one object until a date; every report lists them (default none)"),
  simulation: strictObject({
    secrets: path(
      "YAML file that seeds the simulated primary Vault, relative to this file",
    ).optional(),
  })
    .optional()
    .describe("what only a simulation reads"),
}).describe("The regions, clusters, images and tenants of one ATOM Cloud fleet");

/** A fleet as its file declares it, valid in itself. */
export type Fleet = z.infer<typeof fleetSchema>;

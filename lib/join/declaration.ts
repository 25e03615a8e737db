import { z } from "zod";
import { nameProblem } from "../kubernetes/names";
import { checkedString, strictObject } from "../support/strict-schema";
import { joinTtlProblem } from "./token";

/** A pool of worker nodes and how they are admitted. */
export const nodePoolSchema = strictObject({
  name: checkedString(nameProblem, { description: "name of the pool, an RFC 1123 label" }),
  nodes: z.number().int().min(0).max(1000).meta({ description: "how many nodes join" }),
  join: strictObject({
    ttl: checkedString(joinTtlProblem, {
      description: "life time of a node's one-time token: 15m, at most 24h",
    }),
  }),
});

export type NodePoolDeclaration = z.infer<typeof nodePoolSchema>;

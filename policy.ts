export { evaluate } from "./lib/policy/evaluation/evaluate";
export type { Finding, RuleResult } from "./lib/policy/evaluation/evaluate";
export { ResourceGraph } from "./lib/policy/graph/graph";
export { graphFromManifests, graphFromResources } from "./lib/policy/graph/graph-from-resources";
export { policyMatrix } from "./lib/policy/matrix";
export type { PolicyMatrix } from "./lib/policy/matrix";
export { defineRule } from "./lib/policy/evaluation/rule";
export type { AnyRule, Rule } from "./lib/policy/evaluation/rule";
export { ALL_RULES } from "./lib/policy/rules";

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseManifests } from "../../lib/cli/manifest-documents";
import type { GraphContent } from "../../lib/policy/graph/graph";
import { ResourceGraph } from "../../lib/policy/graph/graph";
import { graphFromManifests } from "../../lib/policy/graph/graph-from-manifests";
import { graphFromResources } from "../../lib/policy/graph/graph-from-resources";
import type { StackResource } from "../../lib/policy/graph/graph-from-resources";
import type { RuleExample } from "../../lib/policy/rules-page";
import { sha256 } from "../../lib/support/digest";

export const EXAMPLES = join(__dirname, "../../docs/rules");

/** Whom a Vault policy is granted to, and whose stack a stack's resources are. */
const TENANT = "acme";
const CLUSTER = "eu-prod";

type Load = (text: string, trustedKeys: readonly string[]) => ResourceGraph;

/**
 * What an example may be, by how its name goes on after `good` or `bad`. Manifests come first: a
 * user can hand these to `atom audit` as they are.
 */
const KINDS: Readonly<Record<string, Load>> = {
  ".yaml": (text) => graphFromManifests(parseManifests({ path: "", bytes: Buffer.from(text) })),
  ".playbook.yaml": (text) =>
    new ResourceGraph({
      playbooks: [
        {
          id: "playbook site.yaml",
          scope: { cluster: CLUSTER },
          argv: ["ansible-playbook", "--check", "--diff", "site.yaml"],
          planHash: sha256(text),
          document: parse(text),
        },
      ],
    }),
  ".policy.hcl": (policy) =>
    new ResourceGraph({
      vaultPolicies: [
        {
          id: `vault policy tenant-${TENANT}`,
          scope: { cluster: CLUSTER, tenant: TENANT },
          name: `tenant-${TENANT}`,
          policy,
        },
      ],
    }),
  ".metrics.txt": (body) =>
    new ResourceGraph({
      metrics: [
        {
          id: "metrics of mirror",
          scope: { cluster: CLUSTER },
          status: 200,
          contentType: "text/plain; version=0.0.4",
          body,
        },
      ],
    }),
  ".stack.yaml": (text, trustedKeys) =>
    graphFromResources(stackResources(parse(text) as StackProgram), {
      cluster: CLUSTER,
      trustedKeys,
    }),
  // Lists of the graph itself, for facts that no file of a user's holds.
  ".graph.yaml": (text) => new ResourceGraph(parse(text) as Partial<GraphContent>),
};

/** A Pulumi program in YAML, as far as examples need one. */
interface StackProgram {
  readonly resources: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly properties?: Record<string, unknown>;
        readonly options?: { readonly parent?: string; readonly protect?: boolean };
      }
    >
  >;
}

/** @param parent in `options` is another resource's name, as `${name}`. */
function stackResources({ resources }: StackProgram): StackResource[] {
  const stack = `tenant.${TENANT}.eu-west`;
  const urnOf = (name: string) => `urn:pulumi:${stack}::atom::${resources[name]!.type}::${name}`;
  return Object.entries(resources).map(([name, { type, properties = {}, options = {} }]) => ({
    type,
    name,
    urn: urnOf(name),
    ...(options.parent === undefined ? {} : { parent: urnOf(options.parent.slice(2, -1)) }),
    inputs: properties,
    dependencies: [],
    protect: options.protect ?? false,
  }));
}

/** Keys that the examples of a rule trust, beside them. */
const TRUSTED_KEY = "cosign.pub";

/**
 * The good and the bad example of a rule, `docs/rules/<rule>/good.yaml` and `bad.yaml`, or of
 * another of the {@link KINDS}.
 *
 * @throws if one is missing, or anything else lies there.
 */
export function readRuleExample(rule: string): RuleExample {
  const names = filesOf(rule).filter((name) => name !== TRUSTED_KEY);
  const kind = Object.keys(KINDS).find((end) => names.includes(`good${end}`)) ?? ".yaml";
  const wanted = [`good${kind}`, `bad${kind}`];
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const ends = Object.keys(KINDS).join(", ");
    throw new Error(`docs/rules/${rule}/${missing} is missing (it may end in ${ends})`);
  }
  const stray = names.find((name) => !wanted.includes(name));
  if (stray !== undefined) throw new Error(`docs/rules/${rule}/${stray} is no example`);
  const [good, bad] = wanted.map((name) => readText(rule, name));
  return { kind, good: good!, bad: bad! };
}

/** The graph of an example, as the rules see it. */
export function graphOfExample(rule: string, which: "good" | "bad"): ResourceGraph {
  const example = readRuleExample(rule);
  const keys = filesOf(rule).filter((name) => name === TRUSTED_KEY);
  return KINDS[example.kind]!(
    example[which],
    keys.map((name) => readText(rule, name)),
  );
}

function filesOf(rule: string): string[] {
  const folder = join(EXAMPLES, rule);
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readText(rule: string, name: string): string {
  return readFileSync(join(EXAMPLES, rule, name), "utf8");
}

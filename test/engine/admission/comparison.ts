import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { policyName } from "../../../lib/policy/admission/export";
import { ADMISSION_RULES } from "../../../lib/policy/admission/admission-rules";
import type { AdmissionServer, Verdict } from "./admission-server";
import { TENANT } from "./installation";
import { ourVerdict } from "./our-verdict";

const RULE_OF = new Map(
  ADMISSION_RULES.map((admission) => [policyName(admission), admission.rule.id]),
);

/** Objects, each of which the API server and the rules are asked about. */
export class Comparison {
  /** The rules by which the API server refused something. */
  readonly refusing = new Set<string>();
  readonly #objects: { title: string; object: KubernetesObject; attempt: Attempt }[] = [];

  constructor(private readonly server: AdmissionServer) {}

  add(title: string, object: KubernetesObject, attempt: Attempt = create): void {
    this.#objects.push({ title, object: renamed(object), attempt });
  }

  /** Where the two disagree. What the API server refuses for another reason is passed over. */
  async differences(): Promise<readonly string[]> {
    const found: string[] = [];
    let refused = 0;
    let broken = 0;
    const queue = this.#objects.values();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const { title, object, attempt } of queue) {
          const verdict = await attempt(this.server, object);
          if (verdict.status >= 300) {
            refused += 1;
            continue;
          }
          const server = rulesIn(verdict);
          const { broken: ours, apart } = ourVerdict(object, tenantFor(object));
          broken += ours.length;
          const missed = ours.filter((id) => !server.includes(id) && !apart.includes(id));
          const more = server.filter((id) => !ours.includes(id) && !apart.includes(id));
          for (const id of server) this.refusing.add(id);
          if (missed.length + more.length === 0) continue;
          found.push(
            `${title}: missed ${missed.join() || "none"}, beside ${more.join() || "none"}`,
          );
        }
      }),
    );
    const compared = this.#objects.length - refused;
    process.stderr.write(
      `${compared} objects compared by ${ADMISSION_RULES.length} rules, ${broken} violations; ` +
        `${refused} that the API server does not take for another reason\n`,
    );
    return found;
  }
}

type Attempt = (server: AdmissionServer, object: KubernetesObject) => Promise<Verdict>;

const create: Attempt = (server, object) => server.tryToCreate(object);

function rulesIn({ warnings }: Verdict): string[] {
  const ids = warnings.flatMap((text) => {
    const name = /^Validation failed for ValidatingAdmissionPolicy '([^']+)'/.exec(text)?.[1];
    if (name === undefined) return [];
    if (!text.endsWith(": broken")) throw new Error(text);
    return RULE_OF.get(name) ?? [];
  });
  return [...new Set(ids)].sort();
}

/** The tenant that a namespace is named for, else the one whose namespace the object is in. */
function tenantFor({ kind }: KubernetesObject): string {
  return kind === "Namespace" ? NEWCOMER : TENANT;
}

/** A tenant that is not there: its namespace can be made. */
const NEWCOMER = "newcomer";

/** The fixtures' tenant under the name of the one that is tried; a namespace under one that is not there. */
function renamed(object: KubernetesObject): KubernetesObject {
  return JSON.parse(
    JSON.stringify(object).replaceAll("acme", tenantFor(object)),
  ) as KubernetesObject;
}

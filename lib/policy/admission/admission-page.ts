import type { AnyRule } from "../evaluation/rule";
import type { AdmissionRule } from "./admission-rule";

/** The page `docs/admission.md`: what the export is, and one row a rule. */
export function admissionPage(
  rules: readonly AnyRule[],
  admitted: readonly AdmissionRule[],
  notAdmitted: Readonly<Record<string, string>>,
): string {
  const byId = new Map(admitted.map((admission) => [admission.rule.id, admission]));
  const whole = admitted.filter(({ rest }) => rest === undefined).length;
  const counts =
    `Of ${rules.length} rules the API server decides ${whole} in full and ${admitted.length - whole} in part. ` +
    `${rules.length - admitted.length} it cannot decide.`;
  const rows = rules.map((rule) => {
    const admission = byId.get(rule.id);
    if (admission === undefined) return row(rule, "no", notAdmitted[rule.id] ?? "");
    const { rest } = admission;
    return rest === undefined ? row(rule, "yes", "") : row(rule, "in part", rest);
  });
  return [INTRODUCTION, counts, [...HEAD, ...rows].join("\n")].join("\n\n") + "\n";
}

const HEAD = [
  "| id | what has to hold | in CEL | what is left to the audit, and why |",
  "| --- | --- | --- | --- |",
];

function row({ id, title }: AnyRule, extent: string, why: string): string {
  return `| ${[id, title, extent, why].map(cell).join(" | ")} |`;
}

/** Text that Markdown shows as it is. */
function cell(text: string): string {
  return text.replace(/[\\|*_<>`[\]]/g, "\\$&").replace(/\s+/g, " ");
}

const INTRODUCTION = `# Admission

\`atom audit admission\` prints the rules that one object alone decides as ValidatingAdmissionPolicy
objects, in CEL. The API server then refuses what the preview refuses, whoever brings it, and needs
no webhook for that.

\`\`\`console
$ atom audit admission --action Warn Audit | kubectl apply -f -   # first see what would be refused
$ atom audit admission | kubectl apply -f -                       # then refuse it
\`\`\`

- **Needs** Kubernetes 1.31 or newer (\`admissionregistration.k8s.io/v1\`, and CEL's functions on CIDR
  blocks), and the right to write these two kinds. Remove a rule again with
  \`kubectl delete validatingadmissionpolicy,validatingadmissionpolicybinding atom-p1-pod-3\`.
- **Looks at** every namespace with the label \`atom.cloud/tenant\`, also one that is made later, and at
  Namespaces that have that label or \`atom.cloud/role\`, had it before the update, or have a name that
  is kept for a tenant or the platform. What lies in the platform's namespace is held to the rules by the preview
  and the audit only.
- **Pods** are looked at in every kind of workload and again when they are made; init and ephemeral
  containers count. An Argo Rollout's pods are looked at when they are made.
- **Updates** that leave what a rule reads as it is pass, so that finalizers and controllers' notes do
  not get stuck on what was there before the policies.
- **Fails closed**: \`failurePolicy: Fail\`, and what an expression cannot evaluate is refused. The API
  server reads an object with its defaults filled in, and without the fields that it does not know: a
  request, a pull policy or a limit that a default or a LimitRange gives counts as said.
- **Messages** name the rule, the container or volume, what is wrong and how to mend it. The API server
  shows the first policy that refuses; \`--action Warn\` shows them all.
- **Waivers** are not in it: CEL has no clock to let one expire by, and the pods of a waived workload
  have names of their own. Where a waiver is in force, leave the rule out (\`--rule\` names those to
  print), or narrow the binding's \`namespaceSelector\`. The audit still lists the waiver.
- **Costs** nothing where no policy looks: controllers' status updates are not matched. A Deployment of
  two containers is admitted in some 20 ms instead of 5 on two cores, far within the API server's
  budget for CEL.

On the test bed each policy is compared with its rule: over the objects of the rules' own unit tests,
custom resources and random pods, the API server refuses exactly what the rule refuses.`;

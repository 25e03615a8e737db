import { DEFAULT_ACCOUNT } from "../../rights/service-account";
import { p1Rbac5, TOKEN_SECRET } from "../../rules/p1-rbac-5";
import { admissionRule } from "../admission-rule";
import { namespaced, together } from "../admission-scope";
import { faultIf, listIn, literal, ofKinds } from "../cel";
import { POD_KINDS, PODS } from "../pods";

const AUTOMOUNT = "automountServiceAccountToken";
/** CEL: whether a token of the audience `a` is for the API server. */
const IS_API_SERVER = `a == "" || a == "api" || a.matches(r"\\bkubernetes\\b")`;

export const admitP1Rbac5 = admissionRule(p1Rbac5, {
  scope: together(PODS, namespaced("v1", ["serviceaccounts", "secrets"], [AUTOMOUNT, "type"])),
  variables: {
    account: `[variables.spec.?serviceAccountName.orValue(""), variables.spec.?serviceAccount.orValue("")].filter(name, name != "")`,
  },
  faults: [
    ofKinds(
      ["ServiceAccount"],
      faultIf(
        `dyn(object).?${AUTOMOUNT}.orValue(dyn(object).metadata.name != ${literal(DEFAULT_ACCOUNT)})`,
        `${AUTOMOUNT} is not false`,
      ),
    ),
    ofKinds(
      ["Secret"],
      faultIf(
        `dyn(object).?type.orValue("") == ${literal(TOKEN_SECRET)}`,
        `a Secret of the type ${TOKEN_SECRET} holds a token that never expires`,
      ),
    ),
    ofKinds(
      POD_KINDS,
      faultIf(
        `variables.account.size() == 0 || variables.account[0] == ${literal(DEFAULT_ACCOUNT)}`,
        `the pod runs as the account ${DEFAULT_ACCOUNT}`,
      ),
      faultIf(`variables.spec.?${AUTOMOUNT}.orValue(true)`, `the pod's ${AUTOMOUNT} is not false`),
      faultIf(
        `variables.volumes.exists(v, ${listIn("v.?projected.?sources")}.exists(s, s.?serviceAccountToken.hasValue() && ` +
          `[s.serviceAccountToken.?audience.orValue("")].exists(a, ${IS_API_SERVER})))`,
        "a projected token is for the API server",
      ),
    ),
  ],
});

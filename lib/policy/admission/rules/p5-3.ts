import { TENANT_LABEL } from "../../../kubernetes/labels";
import { PLATFORM_NAMESPACE, RESERVED } from "../../../kubernetes/names";
import { p5Rule3 } from "../../rules/p5-3";
import { admissionRule } from "../admission-rule";
import { faultIf, literal, pattern } from "../cel";
import { NAMESPACES } from "../namespaces";

/** Digits that a reader takes for a letter. The API server admits no other script in a name. */
const LOOKS = { "0": "o", "1": "l", "3": "e", "5": "s" };

const read = Object.entries(LOOKS).reduce(
  (name, [digit, letter]) => `${name}.replace(${literal(digit)}, ${literal(letter)})`,
  "dyn(object).metadata.name",
);

export const admitP5Rule3 = admissionRule(p5Rule3, {
  scope: NAMESPACES,
  variables: {
    isPlatform:
      `dyn(object).metadata.name == ${literal(PLATFORM_NAMESPACE)} && ` +
      `!(${literal(TENANT_LABEL)} in variables.labels)`,
    read,
  },
  faults: [
    faultIf(
      `!variables.isPlatform && [variables.read, variables.read.replace("rn", "m"), variables.read.replace("vv", "w")]` +
        `.exists(name, name.matches(${pattern(RESERVED)}))`,
      "the name is, or looks like, a reserved one",
    ),
  ],
});

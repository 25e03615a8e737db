import { p1Img1 } from "../../../lib/policy/rules/p1-img-1";
import { describeContainerCases } from "../rule-cases";

const pullPolicy = (value: unknown, text: string) => ({
  title: `fails imagePullPolicy ${text}`,
  set: [[["imagePullPolicy"], value] as const],
  findings: [
    {
      field: ".imagePullPolicy",
      message: `imagePullPolicy is ${text}; allowed is Always`,
    },
  ],
});

describeContainerCases(p1Img1, [
  { title: "passes Always", set: [[["imagePullPolicy"], "Always"]], findings: [] },
  pullPolicy("IfNotPresent", '"IfNotPresent"'),
  pullPolicy("Never", '"Never"'),
  pullPolicy("always", '"always"'),
  // With a digest Kubernetes then takes what is on the node.
  pullPolicy(undefined, "not set"),
  pullPolicy(null, "not set"),
]);

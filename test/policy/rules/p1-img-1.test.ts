import { p1Img1 } from "../../../lib/policy/rules/p1-img-1";
import { describeContainerCases, describePodCases } from "../rule-cases";

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

const REFERENCE = `registry.example:5000/atom/models@sha256:${"ab".repeat(32)}`;

describePodCases(p1Img1, [
  {
    title: "passes a mounted image that is pulled always",
    set: [
      [
        ["spec", "volumes", 1],
        { name: "models", image: { reference: REFERENCE, pullPolicy: "Always" } },
      ],
    ],
    findings: [],
  },
  ...["IfNotPresent", undefined].map((pullPolicy) => ({
    title: `fails a mounted image with pullPolicy ${pullPolicy}`,
    set: [[["spec", "volumes", 1, "image"], { reference: REFERENCE, pullPolicy }] as const],
    besides: [[["spec", "volumes", 1, "name"], "models"] as const],
    findings: [
      {
        field: ".spec.volumes[1].image.pullPolicy",
        message: `pullPolicy is ${pullPolicy === undefined ? "not set" : `"${pullPolicy}"`}; allowed is Always`,
      },
    ],
  })),
]);

/** A policy pack that Pulumi runs: a policy that throws, where `THROWS_AT` says. */
import { PolicyPack } from "@pulumi/policy";

new PolicyPack("throwing-pack", {
  policies: [
    {
      name: "throws-at-a-resource",
      description: "Throws for each resource.",
      // Even one that would only advise.
      enforcementLevel: "advisory",
      validateResource: () => throwAt("a resource"),
    },
    {
      name: "throws-at-the-stack",
      description: "Throws for the stack.",
      enforcementLevel: "advisory",
      validateStack: () => throwAt("the stack"),
    },
  ],
});

function throwAt(place: string): void {
  if (process.env["THROWS_AT"] === place) throw new TypeError(`thrown at ${place}`);
}

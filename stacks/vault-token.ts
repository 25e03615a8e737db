import * as pulumi from "@pulumi/pulumi";

/** A Vault token of the stack's secret configuration, if it is there: without it the environment's is used. */
export function configuredToken(key: "vaultPrimaryToken" | "vaultSecondaryToken"): {
  readonly token?: pulumi.Output<string>;
} {
  const token = new pulumi.Config("atom").getSecret(key);
  return token === undefined ? {} : { token };
}

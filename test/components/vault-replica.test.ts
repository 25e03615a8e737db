import { expect, test } from "vitest";
import { AtomCluster } from "../../components/atom-cluster";
import { VaultReplica } from "../../components/vault-replica";
import { graphFromResources } from "../../lib/policy/graph/graph-from-resources";
import { recordStack } from "../../lib/simulation/record-stack";
import type { ReplicaRecord } from "../../lib/vault/replica-signature";

test("VaultReplica carries, for the policies, what is known of the secrets that tenants opted into", async () => {
  const record = (mount: string, path: string): ReplicaRecord => ({ mount, path, version: 1 });
  const own = ["tenants/acme/database", "tenants/acme/keys/a"].map((path) =>
    record("atom-eu", path),
  );
  const others = [
    record("atom-us", "tenants/acme/database"),
    record("atom-eu", "tenants/acme/database2"),
    record("atom-eu", "tenants/globex/database"),
  ];
  const source = { simulate: { masters: 1, workers: 2 } };
  const { resources } = await recordStack(() => {
    new VaultReplica("vault", {
      cluster: new AtomCluster("eu", { region: "eu-west", source }),
      primary: { address: "https://a.example:8200" },
      secondary: { address: "https://b.example:8200" },
      secrets: { acme: ["database", "keys/"], globex: [] },
      replicas: [...others, ...own],
    });
  });
  expect(graphFromResources(resources).replicas).toEqual(
    own.map((fields) => ({
      ...fields,
      id: `secret ${fields.mount}/${fields.path}`,
      scope: { cluster: "eu", tenant: "acme" },
    })),
  );
});

import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { SCAN_KINDS } from "../../lib/monitor/scan-kinds";
import { scanRole, scanRoleYaml, vaultScanPolicy } from "../../lib/monitor/scan-role";
import { CROSS_NAMESPACE_FIELDS } from "../../lib/policy/references/cross-namespace-fields";
import { parseVaultPolicy } from "../../lib/policy/vault/vault-policy";
import { atom } from "../cli/atom";

interface ClusterRole {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const [account, role, binding] = scanRole();

describe("the role of a scan", () => {
  test("lists and watches each kind of the table, and nothing else", () => {
    const { rules } = role as unknown as ClusterRole;
    const granted = rules.flatMap(({ apiGroups, resources }) =>
      apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}`)),
    );
    expect(granted.sort()).toEqual(
      SCAN_KINDS.map(({ group, resource }) => `${group}/${resource}`).sort(),
    );
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["list", "watch"]));
  });

  test("binds one account of the namespace that was named", () => {
    const [own, , bound] = scanRole("audits");
    expect(own!.metadata.namespace).toBe("audits");
    expect(bound!["subjects"]).toEqual([
      { kind: "ServiceAccount", name: "policy-monitor", namespace: "audits" },
    ]);
  });

  test.each(["Bad_NS", "", "a.b", "-x", "a".repeat(64)])(
    "fails for the namespace %j, which no cluster takes",
    async (namespace) => {
      const { code, out, error } = await atom(["audit", "role", "--namespace", namespace]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(error).toMatch(
        /^Invalid scan role:\n - --namespace: "[^"]*" is no name of a namespace; /,
      );
    },
  );

  test("reads back from its YAML as it is", async () => {
    const { code, out } = await atom(["audit", "role"]);
    expect([code, out]).toEqual([0, scanRoleYaml()]);
    expect(parseAllDocuments(out).map((document) => document.toJS() as unknown)).toEqual([
      account,
      role,
      binding,
    ]);
  });
});

test("the table has no kind twice, and every kind that is known to reach another namespace", () => {
  const names = SCAN_KINDS.map(({ group, kind }) => `${group}/${kind}`);
  expect(new Set(names).size).toBe(names.length);
  const reaching = CROSS_NAMESPACE_FIELDS.flatMap(({ group, kinds }) =>
    kinds.map((kind) => `${group}/${kind}`),
  );
  expect(reaching.filter((name) => !names.includes(name))).toEqual([]);
});

test("the policy of a Vault's scan reads no secret and changes nothing", async () => {
  const { out } = await atom(["audit", "role", "vault"]);
  expect(out).toBe(vaultScanPolicy());
  const paths = parseVaultPolicy(out);
  expect(
    paths.filter(({ path }) => !/^(sys\/policies\/acl|sys\/auth|auth\/kubernetes)\b/.test(path)),
  ).toEqual([]);
  expect(new Set(paths.flatMap(({ capabilities }) => capabilities))).toEqual(
    new Set(["read", "list"]),
  );
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEnvironment, overridesOf } from "../../lib/fleet/apply-environment";
import { VARIABLES, parseEnvironment } from "../../lib/fleet/environment";
import { CRITICAL_VARIABLES, precheck } from "../../lib/fleet/precheck";
import { readFleet } from "../../lib/fleet/read-fleet";
import { EXAMPLE, exampleFleet, linesOf } from "./example";

const everything = {
  K8S_CONTEXT: "prod-eu",
  ANSIBLE_INVENTORY: "hosts.ini",
  LOCAL_REGISTRY_URL: "https://registry.local:5000/",
  VAULT_PRIMARY_ADDR: "https://vault-c.example:8200",
  VAULT_SECONDARY_ADDR: "https://vault-d.example:8200",
  COSIGN_KEY_PATH: "/keys/cosign.key",
  SIMULATION_MODE: "TRUE",
  SELFHOST_REGION: "us-east",
  ATOM_VERSION: "7.3.0-rc.1",
};

describe("the environment", () => {
  test("is parsed, and the rest of it left out", () => {
    expect(parseEnvironment({ ...everything, PATH: "/bin", VAULT_TOKEN: "s3cret" })).toEqual({
      ...everything,
      LOCAL_REGISTRY_URL: "registry.local:5000",
      SIMULATION_MODE: true,
    });
  });

  test("with empty variables is an environment without them", () => {
    const empty = Object.fromEntries(VARIABLES.map((name) => [name, ""]));
    expect(parseEnvironment(empty)).toEqual(parseEnvironment({}));
    expect(applyEnvironment(exampleFleet(), parseEnvironment(empty))).toEqual(exampleFleet());
  });

  test.each([
    ["registry.local", "registry.local"],
    ["registry.local:5000", "registry.local:5000"],
    ["http://127.0.0.1:5000", "127.0.0.1:5000"],
    ["https://[::1]:5000/", "[::1]:5000"],
  ])("takes the registry %s", (url, target) => {
    expect(parseEnvironment({ LOCAL_REGISTRY_URL: url }).LOCAL_REGISTRY_URL).toBe(target);
  });

  test.each([
    ["true", true],
    ["1", true],
    ["False", false],
    ["0", false],
  ])("takes SIMULATION_MODE=%s", (text, value) => {
    expect(parseEnvironment({ SIMULATION_MODE: text }).SIMULATION_MODE).toBe(value);
  });

  test("fails naming every variable that cannot be read, and no password in it", () => {
    const bad = {
      K8S_CONTEXT: "--kubeconfig=/x",
      ANSIBLE_INVENTORY: "-i",
      LOCAL_REGISTRY_URL: "https://user:hunter2-canary@registry.local",
      VAULT_PRIMARY_ADDR: "https://root:hunter2-canary@vault.example:8200",
      VAULT_SECONDARY_ADDR: "vault.example:8200",
      COSIGN_KEY_PATH: "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nhunter2-canary",
      SIMULATION_MODE: "yes",
      SELFHOST_REGION: "../eu",
      ATOM_VERSION: "v7",
    };
    const lines = linesOf(() => parseEnvironment(bad));
    expect(lines).toEqual([
      ' - K8S_CONTEXT: context "--kubeconfig=/x" is not allowed; use letters, digits and any of - _ . : / @ +, no blanks',
      " - ANSIBLE_INVENTORY: path \"-i\" begins with '-' like an option; write ./ before it",
      " - LOCAL_REGISTRY_URL: a registry is named without a user or a password",
      " - VAULT_PRIMARY_ADDR: the address holds a user or a password; remove it",
      " - VAULT_SECONDARY_ADDR: the address is no URL such as https://vault.example:8200",
      " - COSIGN_KEY_PATH: the value is a key; give the path of its file",
      ' - SIMULATION_MODE: the value is neither "true" nor "false"',
      " - SELFHOST_REGION: name \"../eu\" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends",
      ' - ATOM_VERSION: release "v7" is no semantic version such as 7.2.0',
    ]);
  });
});

describe("over a fleet", () => {
  test("every variable sets its field", () => {
    const fleet = exampleFleet();
    const environment = parseEnvironment(everything);
    expect(applyEnvironment(fleet, environment)).toEqual({
      ...fleet,
      release: "7.3.0-rc.1",
      regions: [fleet.regions[1]],
      clusters: [{ ...fleet.clusters[1]!, source: { context: "prod-eu" } }],
      registry: { target: "registry.local:5000" },
      signing: { privateKey: "/keys/cosign.key" },
      vault: {
        primary: "https://vault-c.example:8200",
        secondary: "https://vault-d.example:8200",
        mount: "atom",
      },
      tenants: [{ ...fleet.tenants[0]!, regions: ["us-east"] }, fleet.tenants[2]],
    });
    expect(fleet).toEqual(exampleFleet());
    expect(overridesOf(fleet, environment)).toEqual([
      { variable: "K8S_CONTEXT", path: "clusters[0].source" },
      { variable: "LOCAL_REGISTRY_URL", path: "registry.target" },
      { variable: "VAULT_PRIMARY_ADDR", path: "vault.primary" },
      { variable: "VAULT_SECONDARY_ADDR", path: "vault.secondary" },
      { variable: "COSIGN_KEY_PATH", path: "signing.privateKey" },
      { variable: "SELFHOST_REGION", path: "regions" },
      { variable: "ATOM_VERSION", path: "release" },
    ]);
  });

  test("an inventory is the first region's without a region and a context", () => {
    const fleet = exampleFleet();
    fleet.clusters.reverse();
    const { clusters } = applyEnvironment(fleet, parseEnvironment({ ANSIBLE_INVENTORY: "h.ini" }));
    expect(clusters).toEqual([
      fleet.clusters[0],
      { ...fleet.clusters[1]!, source: { inventory: "h.ini" } },
    ]);
  });

  test("a public key stays beside a private one", () => {
    const fleet = { ...exampleFleet(), signing: { publicKey: "cosign.pub" } };
    const { signing } = applyEnvironment(fleet, parseEnvironment({ COSIGN_KEY_PATH: "k" }));
    expect(signing).toEqual({ publicKey: "cosign.pub", privateKey: "k" });
  });

  test("fails on a region that the fleet does not have", () => {
    const environment = parseEnvironment({ SELFHOST_REGION: "eu-wset" });
    expect(linesOf(() => applyEnvironment(exampleFleet(), environment))).toEqual([
      ' - SELFHOST_REGION: unknown region "eu-wset"; did you mean "eu-west"?',
    ]);
  });
});

describe("the precheck", () => {
  test("proceeds when the critical variables are set", () => {
    expect(
      precheck({
        K8S_CONTEXT: "s3cret",
        LOCAL_REGISTRY_URL: "s3cret",
        VAULT_PRIMARY_ADDR: "s3cret",
      }),
    ).toEqual({
      version: 1,
      variables: {
        K8S_CONTEXT: "SET",
        ANSIBLE_INVENTORY: "MISSING",
        LOCAL_REGISTRY_URL: "SET",
        VAULT_PRIMARY_ADDR: "SET",
        VAULT_SECONDARY_ADDR: "MISSING",
        COSIGN_KEY_PATH: "MISSING",
        SIMULATION_MODE: "MISSING",
        SELFHOST_REGION: "MISSING",
        ATOM_VERSION: "MISSING",
      },
      critical: ["K8S_CONTEXT", "LOCAL_REGISTRY_URL", "VAULT_PRIMARY_ADDR"],
      decision: "PROCEED",
      because: ["every critical variable is set"],
    });
  });

  test("simulates when one is missing or empty", () => {
    expect(precheck({ ...everything, SIMULATION_MODE: "0", K8S_CONTEXT: "" })).toMatchObject({
      variables: { K8S_CONTEXT: "MISSING" },
      decision: "PROCEED_SIMULATION",
      because: ["K8S_CONTEXT is missing"],
    });
    expect(precheck({}).because).toEqual(CRITICAL_VARIABLES.map((name) => `${name} is missing`));
  });

  test.each(["true", "1", "TRUE", "yes", "ture"])("simulates with SIMULATION_MODE=%s", (mode) => {
    expect(precheck({ ...everything, SIMULATION_MODE: mode })).toMatchObject({
      decision: "PROCEED_SIMULATION",
      because: ["SIMULATION_MODE asks for a simulation"],
    });
  });

  test("of a fleet counts what its file declares, and who declares it", () => {
    const environment = { LOCAL_REGISTRY_URL: "registry.local:5000" };
    const { decision, because } = precheck(environment, readFleet(EXAMPLE, environment));
    expect({ decision, because }).toEqual({
      decision: "PROCEED",
      because: [
        "registry.target is written to: LOCAL_REGISTRY_URL sets it",
        "vault.primary is read: the fleet file declares it",
        "vault.secondary is written to: the fleet file declares it",
        "cluster eu-prod is an inventory: the fleet file declares it",
        "cluster us-prod is simulated, and written as files: the fleet file declares it",
      ],
    });
  });

  test("of a fleet simulates with SIMULATION_MODE only", () => {
    const environment = { SIMULATION_MODE: "true" };
    expect(precheck(environment, readFleet(EXAMPLE, environment))).toMatchObject({
      decision: "PROCEED_SIMULATION",
      because: ["SIMULATION_MODE asks for a simulation"],
    });
  });

  test("holds no value of any variable", () => {
    const value = fc.constantFrom(undefined, "", "hunter2-canary");
    const environment = fc.record(Object.fromEntries(VARIABLES.map((name) => [name, value])));
    fc.assert(
      fc.property(environment, (variables) => {
        expect(JSON.stringify(precheck(variables))).not.toContain("canary");
      }),
    );
  });
});

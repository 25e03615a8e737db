// The table of rooms in docs/architecture.md as a rule: dependencies point down, never up.
const capabilities = ["topology", "registry", "vault", "chart", "join", "tenant", "platform"];

/** Files under `from` may import, of this project, only files under one of `to` (and their own). */
function mayImport(from, to) {
  return {
    name: `${from} may import ${to.join(", ") || "nothing above it"}`,
    severity: "error",
    from: { path: `^${from}/` },
    to: {
      path: "^(lib|components|stacks|policy-pack|examples|bench|test)/",
      pathNot: [from, ...to].map((folder) => `^${folder}/`),
    },
  };
}

/** Parts of the registry's room, and which other parts each may import beside what lies in the room itself. */
const registryParts = {
  http: [],
  layout: [],
  signature: [],
  gc: ["signature"],
  mirror: ["signature"],
  archive: ["layout", "mirror"],
};

/** Parts of the room of policies, likewise: what every rule stands on, then one part a subject, then the rules. */
const policyBase = ["reading", "graph", "evaluation", "subjects", "tenants"];
const policySubjects = {
  network: [],
  references: [],
  "pod-security": [],
  playbooks: [],
  provisioning: [],
  releases: [],
  signatures: [],
  vault: [],
  quota: ["references"],
  rights: ["network"],
  scraping: ["network"],
};
const policyParts = {
  ...Object.fromEntries(policyBase.map((part, index) => [part, policyBase.slice(0, index)])),
  ...Object.fromEntries(
    Object.entries(policySubjects).map(([part, others]) => [part, [...policyBase, ...others]]),
  ),
  rules: [...policyBase, ...Object.keys(policySubjects)],
};

function partsOf(room, parts) {
  return Object.entries(parts).map(([part, others]) => ({
    name: `${room}/${part} may import of the other parts ${others.join(", ") || "none"}`,
    severity: "error",
    from: { path: `^${room}/${part}/` },
    to: {
      path: `^${room}/[^/]+/`,
      pathNot: [part, ...others].map((name) => `^${room}/${name}/`),
    },
  }));
}

const knowsPulumi = [
  "components",
  "stacks",
  "lib/simulation",
  "policy-pack",
  "test",
  "testing",
  "index",
  "bench",
  "examples",
];

module.exports = {
  forbidden: [
    { name: "no circles", severity: "error", from: {}, to: { circular: true } },
    mayImport("stacks", ["components", "lib"]),
    mayImport("components", ["lib"]),
    mayImport("policy-pack", ["lib/policy"]),
    mayImport("lib/cli", ["lib"]),
    mayImport("lib/simulation", ["lib", "components", "stacks"]),
    mayImport("lib/release", ["lib"]),
    mayImport("lib/daemons", ["lib"]),
    mayImport("lib/monitor", ["lib"]),
    mayImport("lib/report", ["lib"]),
    mayImport("lib/policy", ["lib/kubernetes", "lib/signing", "lib/support"]),
    mayImport("lib/fleet", [
      ...capabilities.map((c) => `lib/${c}`),
      "lib/policy",
      "lib/signing",
      "lib/kubernetes",
      "lib/support",
    ]),
    ...capabilities.map((c) =>
      mayImport(`lib/${c}`, ["lib/signing", "lib/kubernetes", "lib/support"]),
    ),
    ...partsOf("lib/registry", registryParts),
    ...partsOf("lib/policy", policyParts),
    {
      name: "what the parts of the registry's room share imports none of them",
      severity: "error",
      from: { path: "^lib/registry/[^/]+$" },
      to: { path: "^lib/registry/[^/]+/" },
    },
    mayImport("lib/signing", ["lib/support"]),
    mayImport("lib/kubernetes", ["lib/support"]),
    mayImport("lib/support", []),
    {
      name: "only the edges know Pulumi",
      severity: "error",
      from: { pathNot: knowsPulumi.map((place) => `^${place}[/.]`) },
      to: { path: "node_modules/@pulumi/" },
    },
    {
      name: "only simulation and the command line sit above the report",
      severity: "error",
      from: { path: "^lib/(daemons|fleet|release|policy|report)/" },
      to: { path: "^lib/(cli|simulation)/" },
    },
    {
      name: "no test code in the library",
      severity: "error",
      from: { pathNot: "^(test|bench)/" },
      to: { path: "^test/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|reports)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};

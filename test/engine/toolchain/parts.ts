import type { Part, VersionProbe } from "./part";
import { exactMinor } from "./tool-version";

const KUBERNETES: VersionProbe = { arguments: ["--version"], reads: /^Kubernetes v(\S+)/ };
const ANSIBLE: VersionProbe = { arguments: ["--version"], reads: /\[core ([^\]]+)\]/ };
const NODE: VersionProbe = { arguments: ["--version"], reads: /^v(\S+)/ };

/** Everything that the engine tests need, in the order in which it is made: first what most of them use. */
export const PARTS = [
  {
    name: "etcd",
    version: "3.6.5",
    tools: [{ name: "etcd", probe: { arguments: ["--version"], reads: /^etcd Version: (\S+)/ } }],
    source: {
      kind: "go programs",
      pins: "go/etcd",
      module: "go.etcd.io/etcd/server/v3 v3.6.5",
      packages: ["atom-selfhost.test/toolchain/etcd"],
      stamps: {},
    },
  },
  {
    name: "kubernetes",
    version: "1.35.0",
    // The three must be of one release, and the tests know what this one prints.
    fits: exactMinor("1.35"),
    tools: [
      { name: "kube-apiserver", probe: KUBERNETES },
      { name: "kube-controller-manager", probe: KUBERNETES },
      { name: "kube-scheduler", probe: KUBERNETES },
    ],
    source: {
      kind: "go programs",
      pins: "go/kubernetes",
      module: "k8s.io/kubernetes v1.35.0",
      packages: [
        "k8s.io/kubernetes/cmd/kube-apiserver",
        "k8s.io/kubernetes/cmd/kube-controller-manager",
        "k8s.io/kubernetes/cmd/kube-scheduler",
      ],
      stamps: {
        "k8s.io/component-base/version.gitVersion": "v1.35.0",
        "k8s.io/component-base/version.gitMajor": "1",
        "k8s.io/component-base/version.gitMinor": "35",
      },
    },
  },
  {
    name: "pulumi",
    version: "3.259.0",
    tools: [{ name: "pulumi", probe: { arguments: ["version"], reads: /^v(\S+)/ } }],
    source: {
      kind: "go programs",
      pins: "go/pulumi",
      module: "github.com/pulumi/pulumi/pkg/v3 v3.259.0",
      packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
      stamps: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.259.0" },
    },
  },
  {
    name: "kwok",
    version: "0.7.0",
    tools: [{ name: "kwok", probe: { arguments: ["--version"], reads: /^kwok version v(\S+)/ } }],
    source: {
      kind: "go programs",
      pins: "go/kwok",
      module: "sigs.k8s.io/kwok v0.7.0",
      packages: ["sigs.k8s.io/kwok/cmd/kwok"],
      stamps: { "sigs.k8s.io/kwok/pkg/consts.Version": "v0.7.0" },
    },
  },
  {
    name: "registry",
    version: "3.0.0",
    tools: [
      {
        name: "registry",
        probe: { arguments: ["--version"], reads: /distribution\/distribution\/v3 v(\S+)/ },
      },
    ],
    source: {
      kind: "go programs",
      pins: "go/registry",
      module: "github.com/distribution/distribution/v3 v3.0.0",
      packages: ["github.com/distribution/distribution/v3/cmd/registry"],
      stamps: { "github.com/distribution/distribution/v3/version.version": "v3.0.0" },
    },
  },
  {
    name: "crane",
    version: "0.22.1",
    tools: [{ name: "crane", probe: { arguments: ["version"], reads: /^v?(\S+)$/ } }],
    source: {
      kind: "go programs",
      pins: "go/crane",
      module: "github.com/google/go-containerregistry v0.22.1",
      packages: ["github.com/google/go-containerregistry/cmd/crane"],
      stamps: { "github.com/google/go-containerregistry/cmd/crane/cmd.Version": "0.22.1" },
    },
  },
  {
    name: "kubeconform",
    version: "0.7.0",
    tools: [{ name: "kubeconform", probe: { arguments: ["-v"], reads: /^v(\S+)/ } }],
    source: {
      kind: "go programs",
      pins: "go/kubeconform",
      module: "github.com/yannh/kubeconform v0.7.0",
      packages: ["github.com/yannh/kubeconform/cmd/kubeconform"],
      stamps: { "main.version": "v0.7.0" },
    },
  },
  {
    name: "cosign",
    version: "3.0.2",
    tools: [{ name: "cosign", probe: { arguments: ["version"], reads: /^GitVersion:\s+v(\S+)/m } }],
    source: {
      kind: "go programs",
      pins: "go/cosign",
      module: "github.com/sigstore/cosign/v3 v3.0.2",
      packages: ["github.com/sigstore/cosign/v3/cmd/cosign"],
      stamps: { "sigs.k8s.io/release-utils/version.gitVersion": "v3.0.2" },
    },
  },
  {
    name: "helm",
    version: "4.3.1",
    tools: [{ name: "helm", probe: { arguments: ["version", "--short"], reads: /^v(\S+)/ } }],
    source: {
      kind: "go programs",
      pins: "go/helm",
      module: "helm.sh/helm/v4 v4.3.1",
      packages: ["helm.sh/helm/v4/cmd/helm"],
      stamps: { "helm.sh/helm/v4/internal/version.version": "v4.3.1" },
    },
  },
  {
    name: "pulumi-kubernetes",
    // What stands in the provider's source for no release: its main branch between 4.24 and 4.25.
    version: "4.25.0-alpha.20260115",
    tools: [{ name: "pulumi-resource-kubernetes" }],
    source: {
      kind: "go programs",
      pins: "go/pulumi-kubernetes",
      module: "github.com/pulumi/pulumi-kubernetes/provider/v4 v4.0.0-20260115033456-f47bc2d6f199",
      packages: ["atom-selfhost.test/toolchain/pulumi-resource-kubernetes"],
      stamps: {
        "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version":
          "4.25.0-alpha.20260115",
      },
    },
  },
  {
    name: "promtool",
    version: "3.13.5",
    tools: [
      {
        name: "promtool",
        probe: { arguments: ["--version"], reads: /^promtool, version (\S+)/ },
      },
    ],
    source: {
      kind: "go programs",
      pins: "go/promtool",
      // Prometheus 3.x tags its module v0.3xx.
      module: "github.com/prometheus/prometheus v0.313.5",
      packages: ["github.com/prometheus/prometheus/cmd/promtool"],
      stamps: { "github.com/prometheus/common/version.Version": "3.13.5" },
    },
  },
  {
    name: "kubectl",
    version: "1.36.4",
    // One minor to either side of the API server is supported (Kubernetes' version skew policy).
    fits: { major: 1, minor: 34, lastMinor: 36 },
    tools: [
      {
        name: "kubectl",
        probe: { arguments: ["version", "--client"], reads: /^Client Version: v(\S+)/ },
      },
    ],
    source: { kind: "python packages", pins: "python/kubectl" },
  },
  {
    name: "bao",
    version: "2.7.2",
    tools: [{ name: "bao", probe: { arguments: ["version"], reads: /^OpenBao v(\S+?),?\s/ } }],
    source: { kind: "python packages", pins: "python/bao" },
  },
  {
    name: "kwok-stages",
    version: "0.7.0",
    tools: [],
    source: {
      kind: "go files",
      pins: "go/kwok",
      module: "sigs.k8s.io/kwok v0.7.0",
      from: "kustomize/stage",
      // What kwok's own set `fast` is made of.
      files: {
        "node/node-heartbeat-with-lease.yaml":
          "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
        "node/node-initialize.yaml": "node/fast/node-initialize.yaml",
        "pod/pod-complete.yaml": "pod/fast/pod-complete.yaml",
        "pod/pod-delete.yaml": "pod/fast/pod-delete.yaml",
        "pod/pod-ready.yaml": "pod/fast/pod-ready.yaml",
      },
    },
  },
  {
    name: "secrets-store-crds",
    version: "1.5.3",
    tools: [],
    source: {
      kind: "go files",
      pins: "go/secrets-store-crds",
      module: "sigs.k8s.io/secrets-store-csi-driver v1.5.3",
      from: "config/crd/bases",
      files: {
        "secretproviderclasses.yaml": "secrets-store.csi.x-k8s.io_secretproviderclasses.yaml",
        "secretproviderclasspodstatuses.yaml":
          "secrets-store.csi.x-k8s.io_secretproviderclasspodstatuses.yaml",
      },
    },
  },
  {
    // Kubernetes' own OpenAPI definitions of each minor as JSON Schema that takes no unknown field.
    name: "kubernetes-schemas",
    version: "1.35.0",
    tools: [],
    source: {
      kind: "python files",
      pins: "python/kubernetes-schemas",
      from: "kubernetes_validate/kubernetes-json-schema",
      files: {
        "1.29.json": "v1.29.0-local-strict/_definitions.json",
        "1.30.json": "v1.30.0-local-strict/_definitions.json",
        "1.31.json": "v1.31.0-local-strict/_definitions.json",
        "1.32.json": "v1.32.0-local-strict/_definitions.json",
        "1.33.json": "v1.33.0-local-strict/_definitions.json",
        "1.34.json": "v1.34.0-local-strict/_definitions.json",
        "1.35.json": "v1.35.0-local-strict/_definitions.json",
      },
    },
  },
  {
    name: "ansible-core",
    version: "2.19.14",
    tools: [
      { name: "ansible", probe: ANSIBLE },
      { name: "ansible-inventory", probe: ANSIBLE },
      { name: "ansible-playbook", probe: ANSIBLE },
      { name: "ansible-vault", probe: ANSIBLE },
    ],
    source: { kind: "python packages", pins: "python/ansible-core" },
  },
  {
    name: "node22",
    version: "22.23.3",
    tools: [{ name: "node22", executable: "node", probe: NODE }],
    source: { kind: "node runtime", pins: "npm/node22" },
  },
  {
    name: "node24",
    version: "24.21.0",
    tools: [{ name: "node24", executable: "node", probe: NODE }],
    source: { kind: "node runtime", pins: "npm/node24" },
  },
] as const satisfies readonly Part[];

type KnownPart = (typeof PARTS)[number];

export type PartName = KnownPart["name"];

/** Every program that the engine tests may start. */
export type ToolName = KnownPart["tools"][number]["name"];

/** Parts that bring files instead of programs. */
export type FilesPartName = Extract<
  KnownPart,
  { source: { kind: "go files" | "python files" } }
>["name"];

/** Parts by their names, or all of them, in the table's order. */
export function partsNamed(names: readonly string[] = []): readonly Part[] {
  return names.length === 0 ? PARTS : PARTS.filter(({ name }) => names.includes(name));
}

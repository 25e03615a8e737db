import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Toolchain } from "../toolchain/resolve";
import type { BedFolder } from "./bed-folder";
import type { CertificateAuthority, KeyPair } from "./certificates";
import { freePorts, LOOPBACK } from "./free-ports";
import { HttpsClient } from "./https";

/** How to reach the cluster of a bed. Plain data: tests run in other processes than the bed's. */
export interface ClusterAccess {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** Path of a kubeconfig whose one context, {@link CONTEXT}, is the cluster's administrator. */
  readonly kubeconfig: string;
  /** The administrator's certificate. */
  readonly admin: KeyPair;
  /** Certificate of the authority to trust, PEM. */
  readonly caPem: string;
}

/** Context, cluster and user of the bed's kubeconfig. */
export const CONTEXT = "bed";
const NODES = ["node-1", "node-2", "node-3"];

/**
 * Kubernetes' own control plane: etcd, API server, controller manager with its signer, scheduler,
 * and kwok in the kubelets' place. Nothing else of it is a stand-in; no container runs.
 */
export async function startControlPlane(
  folder: BedFolder,
  authority: CertificateAuthority,
  tools: Toolchain,
): Promise<ClusterAccess> {
  const [
    etcdPort = 0,
    etcdPeer = 0,
    apiPort = 0,
    controllerPort = 0,
    schedulerPort = 0,
    kubeletPort = 0,
  ] = await freePorts(6);
  const server = `https://${LOOPBACK}:${apiPort}`;
  const ca = authority.pair.certificate;
  const caFile = folder.write("ca.crt", ca);
  const signer = folder.writePair("ca-signer", authority.pair);
  const serverPair = await authority.issue({
    commonName: "bed",
    hosts: [LOOPBACK, "localhost", "10.96.0.1", "kubernetes.default.svc"],
  });
  const serverFiles = folder.writePair("server", serverPair);
  const accounts = serviceAccountKeys(folder);

  const client = async (name: string, commonName: string, organization?: string) => {
    const pair = await authority.issue({
      commonName,
      ...(organization === undefined ? {} : { organization }),
    });
    return { pair, path: folder.write(`${name}.kubeconfig`, kubeconfig({ server, ca, pair })) };
  };
  const admin = await client("admin", "bed-admin", "system:masters");
  const controllers = await client("controller-manager", "system:kube-controller-manager");
  const scheduler = await client("scheduler", "system:kube-scheduler");

  await startEtcd(folder, tools, { port: etcdPort, peerPort: etcdPeer });
  const api = new HttpsClient(server, {
    ca,
    cert: admin.pair.certificate,
    key: admin.pair.privateKey,
  });
  const apiServer = await folder
    .start({
      name: "kube-apiserver",
      command: tools.path("kube-apiserver"),
      argv: [
        `--etcd-servers=http://${LOOPBACK}:${etcdPort}`,
        `--secure-port=${apiPort}`,
        `--bind-address=${LOOPBACK}`,
        // Otherwise it announces an address of the machine as the service's endpoint, and looks for one.
        `--advertise-address=${LOOPBACK}`,
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.96.0.0/16",
        `--tls-cert-file=${serverFiles.cert}`,
        `--tls-private-key-file=${serverFiles.key}`,
        `--client-ca-file=${caFile}`,
        `--kubelet-client-certificate=${serverFiles.cert}`,
        `--kubelet-client-key=${serverFiles.key}`,
        "--authorization-mode=Node,RBAC",
        // As clusters have it: what refuses a privileged pod is then Pod Security alone.
        "--allow-privileged",
        "--enable-admission-plugins=NodeRestriction,PodSecurity,ResourceQuota,LimitRanger",
        "--service-account-issuer=https://kubernetes.default.svc",
        `--service-account-key-file=${accounts.publicKey}`,
        `--service-account-signing-key-file=${accounts.privateKey}`,
        `--cert-dir=${folder.folder("apiserver")}`,
      ],
    })
    .ready(async () => (await api.send("/readyz")).body === "ok");

  const controllerManager = folder.start({
    name: "kube-controller-manager",
    command: tools.path("kube-controller-manager"),
    argv: [
      `--kubeconfig=${controllers.path}`,
      `--authentication-kubeconfig=${controllers.path}`,
      `--authorization-kubeconfig=${controllers.path}`,
      `--bind-address=${LOOPBACK}`,
      `--secure-port=${controllerPort}`,
      `--tls-cert-file=${serverFiles.cert}`,
      `--tls-private-key-file=${serverFiles.key}`,
      "--use-service-account-credentials",
      `--service-account-private-key-file=${accounts.privateKey}`,
      `--root-ca-file=${caFile}`,
      `--cluster-signing-cert-file=${signer.cert}`,
      `--cluster-signing-key-file=${signer.key}`,
      "--leader-elect=false",
    ],
  });
  const kubeScheduler = folder.start({
    name: "kube-scheduler",
    command: tools.path("kube-scheduler"),
    argv: [
      `--kubeconfig=${scheduler.path}`,
      `--authentication-kubeconfig=${scheduler.path}`,
      `--authorization-kubeconfig=${scheduler.path}`,
      `--bind-address=${LOOPBACK}`,
      `--secure-port=${schedulerPort}`,
      `--tls-cert-file=${serverFiles.cert}`,
      `--tls-private-key-file=${serverFiles.key}`,
      "--leader-elect=false",
    ],
  });
  const kwok = folder.start({
    name: "kwok",
    command: tools.path("kwok"),
    argv: [
      `--kubeconfig=${admin.path}`,
      "--manage-all-nodes=true",
      // The nodes' heartbeat: without it the controller manager takes them for lost.
      "--node-lease-duration-seconds=40",
      "--cidr=10.244.0.0/16",
      `--node-ip=${LOOPBACK}`,
      `--node-port=${kubeletPort}`,
      `--server-address=${LOOPBACK}:${kubeletPort}`,
      `--tls-cert-file=${serverFiles.cert}`,
      `--tls-private-key-file=${serverFiles.key}`,
      ...stagesOf(tools).map((path) => `--config=${path}`),
    ],
  });
  await addCustomResources(api, tools);
  await joinNodes(api);
  // Each is asked for what it alone brings about, so that the log of the one that is dead is shown.
  await Promise.all([
    apiServer.ready(() => exists(api, PROVIDER_CLASSES)),
    controllerManager.ready(() => exists(api, DEFAULT_ACCOUNT)),
    kubeScheduler.ready(() => isHealthy(schedulerPort, ca)),
    kwok.ready(() => nodesReady(api)),
  ]);
  api.close();
  return { server, kubeconfig: admin.path, admin: admin.pair, caPem: ca };
}

async function startEtcd(
  folder: BedFolder,
  tools: Toolchain,
  { port, peerPort }: { port: number; peerPort: number },
): Promise<void> {
  const url = `http://${LOOPBACK}:${port}`;
  const peer = `http://${LOOPBACK}:${peerPort}`;
  await folder
    .start({
      name: "etcd",
      command: tools.path("etcd"),
      argv: [
        `--data-dir=${folder.folder("etcd")}`,
        `--listen-client-urls=${url}`,
        `--advertise-client-urls=${url}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=default=${peer}`,
        // A bed that loses its power has lost nothing.
        "--unsafe-no-fsync",
      ],
    })
    .ready(async () => (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).ok);
}

/** The stages after which kwok moves nodes and pods on, as kwok publishes them. */
function stagesOf(tools: Toolchain): string[] {
  const share = tools.share("kwok-stages");
  return ["node", "pod"].flatMap((kind) =>
    readdirSync(join(share, kind))
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => join(share, kind, name)),
  );
}

/** The kinds of the Secrets Store CSI driver, as its release installs them; no driver runs. */
async function addCustomResources(api: HttpsClient, tools: Toolchain): Promise<void> {
  const share = tools.share("secrets-store-crds");
  for (const name of readdirSync(share)) {
    const definition: unknown = parse(readFileSync(join(share, name), "utf8"));
    await api.json("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
      method: "POST",
      body: definition,
    });
  }
}

/** Registers the nodes. */
async function joinNodes(api: HttpsClient): Promise<void> {
  for (const name of NODES) {
    await api.json("/api/v1/nodes", {
      method: "POST",
      body: {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } },
        status: { allocatable: CAPACITY, capacity: CAPACITY },
      },
    });
  }
}

const CAPACITY = { cpu: "64", memory: "256Gi", pods: "200", "ephemeral-storage": "1Ti" };
const PROVIDER_CLASSES = "/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses";
const DEFAULT_ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default";

interface NodeList {
  readonly items: readonly {
    readonly status?: { readonly conditions?: readonly { type: string; status: string }[] };
  }[];
}

async function nodesReady(api: HttpsClient): Promise<boolean> {
  const { items } = await api.json<NodeList>("/api/v1/nodes");
  return items.every(({ status }) =>
    status?.conditions?.some(
      (condition) => condition.type === "Ready" && condition.status === "True",
    ),
  );
}

/** Asks a component of the control plane on its own port. */
async function isHealthy(port: number, ca: string): Promise<boolean> {
  const client = new HttpsClient(`https://${LOOPBACK}:${port}`, { ca });
  try {
    return (await client.send("/healthz")).body === "ok";
  } finally {
    client.close();
  }
}

async function exists(api: HttpsClient, path: string): Promise<boolean> {
  return (await api.send(path)).status === 200;
}

/** Service accounts' tokens are signed with RSA: the API server takes ECDSA too, other readers may not. */
function serviceAccountKeys(folder: BedFolder): { publicKey: string; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return {
    publicKey: folder.write("service-accounts.pub", publicKey),
    privateKey: folder.write("service-accounts.key", privateKey),
  };
}

/** A kubeconfig that holds everything itself. JSON is YAML too. */
function kubeconfig({ server, ca, pair }: { server: string; ca: string; pair: KeyPair }): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": CONTEXT,
    contexts: [{ name: CONTEXT, context: { cluster: CONTEXT, user: CONTEXT } }],
    clusters: [{ name: CONTEXT, cluster: { server, "certificate-authority-data": base64(ca) } }],
    users: [
      {
        name: CONTEXT,
        user: {
          "client-certificate-data": base64(pair.certificate),
          "client-key-data": base64(pair.privateKey),
        },
      },
    ],
  });
}

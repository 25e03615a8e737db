import {
  AtomChart,
  AtomCluster,
  NodePool,
  readImageLock,
  readSigning,
  RegistryMirror,
  Tenant,
} from "atom-selfhost";

const images = readImageLock("atom.lock.json");
const signing = readSigning({ publicKey: "cosign.pub" });
const target = "registry.atom.example:5000";

const cluster = new AtomCluster("eu", { region: "eu-west", source: { context: "prod-eu" } });
const mirror = new RegistryMirror("images", { cluster, target, images, signing });
new NodePool("workers", { cluster, nodes: 2, join: { ttl: "15m" } });

const acme = new Tenant("acme", { cluster, quota: { cpu: "8", memory: "16Gi" } });
new AtomChart("acme", { tenant: acme, mirror, values: { services: { api: { replicas: 3 } } } });

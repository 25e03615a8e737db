/** Fields by their path, `.` between keys, and the values that each is set to; undefined takes it away. */
export type Values = readonly (readonly [field: string, values: readonly unknown[]])[];

export const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"];

const PROFILES = [
  undefined,
  null,
  { type: "RuntimeDefault" },
  { type: "Localhost", localhostProfile: "own" },
  { type: "Unconfined" },
];

const SELINUX = [
  {},
  { level: "s0:c1,c2" },
  ...["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t"].map(
    (type) => ({ type }),
  ),
  { type: "container_engine_t", user: "" },
  { user: "system_u" },
  { role: "system_r", user: "" },
];

/** Those that are not of the first version. */
const NEWER_SYSCTLS = [
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
  "net.ipv4.tcp_notsent_lowat",
  "net.ipv4.tcp_slow_start_after_idle",
];
const SYSCTLS = [
  ...NEWER_SYSCTLS,
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "kernel.msgmax",
  "net.core.somaxconn",
];

const CAPABILITIES = [
  undefined,
  {},
  { drop: ["ALL"] },
  { drop: ["NET_RAW", "ALL"], add: [] },
  { drop: ["all"] },
  { drop: ["NET_RAW"] },
  ...["NET_BIND_SERVICE", "CHOWN", "SYS_CHROOT", "NET_RAW", "SYS_ADMIN", "ALL", "CAP_CHOWN"].map(
    (capability) => ({ drop: ["ALL"], add: [capability] }),
  ),
  { add: ["AUDIT_WRITE", "MKNOD"] },
];

const CALLS = [
  { exec: { command: ["true"] } },
  { httpGet: { path: "/", port: 80 } },
  { httpGet: { path: "/", port: 80, host: "" } },
  { httpGet: { path: "/", port: 80, host: "169.254.169.254" } },
  { tcpSocket: { port: 80 } },
  { tcpSocket: { port: 80, host: "localhost" } },
];

const VOLUMES = Object.entries({
  configMap: { name: "c" },
  csi: { driver: "csi.example.com" },
  downwardAPI: {},
  emptyDir: {},
  ephemeral: {
    volumeClaimTemplate: {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
  },
  image: { reference: "registry.example/volume:1" },
  persistentVolumeClaim: { claimName: "c" },
  projected: { sources: [] },
  secret: { secretName: "s" },
  hostPath: { path: "/var/log" },
  awsElasticBlockStore: { volumeID: "v" },
  azureDisk: { diskName: "d", diskURI: "https://example.com/d.vhd" },
  azureFile: { secretName: "s", shareName: "s" },
  cephfs: { monitors: ["m"] },
  cinder: { volumeID: "v" },
  fc: { targetWWNs: ["50060e801049cfd1"], lun: 0 },
  flexVolume: { driver: "example.com/d" },
  flocker: { datasetName: "d" },
  gcePersistentDisk: { pdName: "d" },
  gitRepo: { repository: "https://example.com/r.git" },
  glusterfs: { endpoints: "e", path: "p" },
  iscsi: { targetPortal: "10.0.0.1:3260", iqn: "iqn.2001-04.com.example:s", lun: 0 },
  nfs: { server: "10.0.0.1", path: "/" },
  photonPersistentDisk: { pdID: "p" },
  portworxVolume: { volumeID: "v" },
  quobyte: { registry: "r:1", volume: "v" },
  rbd: { monitors: ["m"], image: "i" },
  scaleIO: { gateway: "g", system: "s", secretRef: { name: "s" }, volumeName: "v" },
  storageos: { volumeName: "v" },
  vsphereVolume: { volumePath: "v" },
}).map(([kind, source]) => ({ [kind]: source }));

/** What both a pod and a container may say. */
function securityValues(context: string): Values {
  return [
    [`${context}.runAsNonRoot`, [true, false, undefined, null]],
    [`${context}.runAsUser`, [0, 1, 65534, undefined, null]],
    [`${context}.seccompProfile`, PROFILES],
    [`${context}.appArmorProfile`, PROFILES],
    [`${context}.seLinuxOptions`, SELINUX],
    [
      `${context}.windowsOptions`,
      [{ hostProcess: true }, { hostProcess: false }, { runAsUserName: "ContainerUser" }],
    ],
  ];
}

/** What a pod may say. */
export const POD_FIELDS: Values = [
  ["spec.hostNetwork", [true, false, null]],
  ["spec.hostPID", [true, false]],
  ["spec.hostIPC", [true, false]],
  ["spec.hostUsers", [false, false, false, true]],
  ["spec.os", [{ name: "linux" }, { name: "windows" }, { name: "windows" }]],
  ["spec.shareProcessNamespace", [true]],
  ["spec.volumes.0", VOLUMES],
  ["spec.volumes.1", [{}, { hostPath: null }, { hostPath: { path: "/" } }]],
  ["spec.securityContext", [undefined, {}]],
  ["spec.securityContext.sysctls", SYSCTLS.map((name) => [{ name, value: "1" }])],
  [
    "spec.securityContext.sysctls",
    NEWER_SYSCTLS.map((name) => [
      { name: "net.ipv4.tcp_syncookies", value: "1" },
      { name, value: "1" },
    ]),
  ],
  ...securityValues("spec.securityContext"),
  ["metadata.annotations.appArmor", ["runtime/default", "localhost/own", "unconfined"]],
  ["metadata.annotations.seccomp", ["runtime/default", "unconfined"]],
  ["metadata.annotations.seccompOfContainer", ["docker/default", "unconfined"]],
];

/** What a container may say. */
export const CONTAINER_FIELDS: Values = [
  ["securityContext", [undefined, {}, null]],
  ["securityContext.privileged", [true, false, null]],
  ["securityContext.allowPrivilegeEscalation", [true, false, undefined, null]],
  ["securityContext.procMount", ["Default", "Unmasked", "Unmasked"]],
  ["securityContext.capabilities", CAPABILITIES],
  ...securityValues("securityContext"),
  [
    "ports",
    [
      [{ containerPort: 80 }],
      [{ containerPort: 80, hostPort: 80 }],
      [{ containerPort: 80, hostPort: 0 }],
    ],
  ],
  ...PROBES.map((probe): Values[number] => [probe, CALLS]),
  ["lifecycle", CALLS.flatMap((call) => [{ postStart: call }, { preStop: call }])],
];

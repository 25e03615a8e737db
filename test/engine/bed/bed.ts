import { randomBytes } from "node:crypto";
import { TemporaryFolder } from "../temporary-folder";
import type { Toolchain } from "../toolchain/resolve";
import { BedFolder } from "./bed-folder";
import { CertificateAuthority } from "./certificates";
import { CONTEXT, startControlPlane } from "./control-plane";
import type { ClusterAccess } from "./control-plane";
import { LOOPBACK } from "./free-ports";
import { startOpenBao } from "./openbao";
import type { OpenBaoAccess } from "./openbao";
import { startOpenRegistry, startSecuredRegistry } from "./registry";
import type { OpenRegistry, SecuredRegistry } from "./registry";

/** A cluster, two Vaults and two registries on this machine's loopback interface. Plain data. */
export interface BedAccess {
  /** Every file of the bed: certificates, data, `logs/`. */
  readonly folder: string;
  /** File with the certificate of the authority that all servers are certified by. */
  readonly caFile: string;
  /** For Pulumi's file backend. */
  readonly stateFolder: string;
  readonly cluster: ClusterAccess;
  readonly primary: OpenBaoAccess;
  readonly secondary: OpenBaoAccess;
  readonly openRegistry: OpenRegistry;
  readonly securedRegistry: SecuredRegistry;
}

export interface Bed {
  readonly access: BedAccess;
  /** From the first process to the last one's being ready, in seconds. */
  readonly seconds: number;
  /** Ends every process. @param keepLogs leaves the folder where it is. @default false */
  stop(keepLogs?: boolean): Promise<void>;
}

/** @throws Error with the last lines of the log of what does not come up; nothing is left running then. */
export async function startBed(tools: Toolchain): Promise<Bed> {
  const began = performance.now();
  const place = new TemporaryFolder("atom-bed-");
  const folder = new BedFolder(place.path);
  try {
    const authority = await CertificateAuthority.create("atom-selfhost bed");
    const caPem = authority.pair.certificate;
    const pair = await authority.issue({ commonName: "bed", hosts: [LOOPBACK, "localhost"] });
    const tls = folder.writePair("tls", pair);
    const [cluster, primary, secondary, openRegistry, securedRegistry] = await Promise.all([
      startControlPlane(folder, authority, tools),
      startOpenBao(folder, tools, { name: "bao-primary", caPem, tls }),
      startOpenBao(folder, tools, { name: "bao-secondary", caPem, tls }),
      startOpenRegistry(folder, tools),
      startSecuredRegistry(folder, tools, { caPem, tls }),
    ]);
    const caFile = folder.write("bed-ca.crt", caPem);
    const stateFolder = folder.folder("pulumi-state");
    return {
      access: {
        folder: folder.path,
        caFile,
        stateFolder,
        cluster,
        primary,
        secondary,
        openRegistry,
        securedRegistry,
      },
      seconds: (performance.now() - began) / 1000,
      async stop(keepLogs = false) {
        await folder.stop();
        if (keepLogs) place.keep();
        else place.remove();
      },
    };
  } catch (error) {
    await folder.stop();
    place.keep();
    throw error;
  }
}

/** What a shell exports to work with a bed: kubectl, bao, crane, pulumi and atom find it then. */
export function bedEnvironment(bed: BedAccess): Record<string, string> {
  const { cluster, primary, secondary, openRegistry, securedRegistry, caFile } = bed;
  return {
    KUBECONFIG: cluster.kubeconfig,
    K8S_CONTEXT: CONTEXT,
    VAULT_ADDR: secondary.address,
    VAULT_TOKEN: secondary.rootToken,
    VAULT_CACERT: caFile,
    VAULT_PRIMARY_ADDR: primary.address,
    VAULT_PRIMARY_TOKEN: primary.rootToken,
    VAULT_SECONDARY_ADDR: secondary.address,
    VAULT_SECONDARY_TOKEN: secondary.rootToken,
    NODE_EXTRA_CA_CERTS: caFile,
    // What programs in Go read, besides the system's own folder of certificates.
    SSL_CERT_FILE: caFile,
    PULUMI_BACKEND_URL: `file://${bed.stateFolder}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
    // The registry to copy to, and one without TLS or a password to copy from.
    LOCAL_REGISTRY_URL: securedRegistry.host,
    ATOM_REGISTRY_USERNAME: securedRegistry.username,
    ATOM_REGISTRY_PASSWORD: securedRegistry.password,
    OPEN_REGISTRY: openRegistry.host,
  };
}

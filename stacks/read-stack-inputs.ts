import { resolve } from "node:path";
import { readImageLock } from "../components/read-image-lock";
import { readReplicas } from "../components/read-replicas";
import { readSigning } from "../components/read-signing";
import { FLEET_FILES } from "../lib/fleet/fleet-files";
import { readUpstreamKeys } from "../lib/fleet/plan-fleet-mirror";
import { readFleet } from "../lib/fleet/read-fleet";
import { asksForSimulation } from "../lib/fleet/simulation-mode";
import type { StackInputs } from "./stack-inputs";

/**
 * Reads a fleet file and what lies beside it: the image lock, the signatures, the states of mirror and replicas
 * where there are any, and the public key.
 *
 * @throws UsageError that names the command which makes a missing file.
 */
export function readStackInputs(
  fleetPath: string,
  environment: Readonly<Record<string, string | undefined>>,
): StackInputs {
  const { fleet, folder } = readFleet(fleetPath, environment);
  const beside = (name: string) => resolve(folder, name);
  const images = readImageLock(beside("atom.lock.json"));
  const signing = readSigning({
    publicKey: beside(fleet.signing?.publicKey ?? "cosign.pub"),
    signatures: beside("atom.signatures.json"),
  });
  const replicas = readReplicas(beside(FLEET_FILES.replicas));
  const upstreamKeys = readUpstreamKeys({ fleet, folder });
  const simulated = asksForSimulation(environment);
  return { fleet, folder, images, signing, upstreamKeys, replicas, simulated };
}

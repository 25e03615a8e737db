import type { RegistryClient } from "../../lib/registry/registry-client";

/** A client of which some methods are replaced. */
export function changedClient(
  client: RegistryClient,
  changes: Partial<RegistryClient>,
): RegistryClient {
  return {
    getManifest: (...a) => client.getManifest(...a),
    headManifest: (...a) => client.headManifest(...a),
    putManifest: (...a) => client.putManifest(...a),
    hasBlob: (...a) => client.hasBlob(...a),
    openBlob: (...a) => client.openBlob(...a),
    putBlob: (...a) => client.putBlob(...a),
    listReferrers: (...a) => client.listReferrers(...a),
    listTags: (...a) => client.listTags(...a),
    deleteManifest: (...a) => client.deleteManifest(...a),
    ...changes,
  };
}

/** Media types of the manifests this library copies. Source: OCI image-spec media-types.md. */
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
export const OCI_LAYER_TAR = "application/vnd.oci.image.layer.v1.tar";
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
export const DOCKER_MANIFEST_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

/** What a registry is asked for; without this list some convert what they hold. */
export const ACCEPTED_MANIFESTS: readonly string[] = [
  OCI_MANIFEST,
  OCI_INDEX,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
];

/** Layers that are not in the registry but behind a URL of the publisher's choice. */
export function isForeignLayer(mediaType: string): boolean {
  return mediaType.includes(".foreign.") || mediaType.includes(".nondistributable.");
}

import type { SignedImage } from "../../lib/signing/signed-image";
import { Secret } from "../../lib/support/secret";

/**
 * What cosign 3.0.2 wrote, for tests that run without it; test/engine/signing.test.ts holds the same
 * to the program itself. The keys are of no use: they were made for this file, with this password.
 */
export const COSIGN_PASSWORD = Secret.of("a password of the test");

/** `cosign generate-key-pair` */
export const COSIGN_KEY = `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiJHd0d3TloyUGJTMDUzTlFUdmQ4U0pMMVBYTmY0WU1y
aldqOU5vMkNpaXpJPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiI4b2R3dlpSelNrM3FJMUdxZEZtQjZaYUdxVktXbUxLRiJ9LCJj
aXBoZXJ0ZXh0Ijoib3VMMDlhSTgvWnpyQnZRWjJTK2FpOWpVQ0NrbXZxWndNNHdN
SVh6RW9Mc0FmV011a3d4OGZGMUJCZTBSNjFOSXhwSFNSZU9pSGh2amFpUDRLcWlM
cjBIbDRGV05iQzNTTUg0Y2kxTlhIb2VQeFFpVGNCb0ZZc2gzQk5wQUtPZHlkWjFq
VVRVR2RnL00ydVBvRmkxY1RIanFYdE9JazAzZTB6aWJWZDkwTDhPd2RJTnkzcGVW
VFJPWk5KQVZoZWtnU1lWNEhreG0vWHFQQ2c9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
`;
export const COSIGN_PUB = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjCsf1gI/kr0d5hvy4MWuBcbrK0OE
gt81jLHJ+lagihOz2tfOmquor4a33H16hsqRr4v51NttWEUoZtJekL69Xg==
-----END PUBLIC KEY-----
`;

/**
 * The same key as go-securesystemslib 0.9.1, which cosign seals with, seals it at its lowest cost, under
 * the name that cosign 1 gave it, and at its highest.
 */
export const COSIGN_KEY_OF_OLD = `-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjozMjc2OCwiciI6
OCwicCI6MX0sInNhbHQiOiJZNXpaL3l0OUJhUVk3bzJHb3AyVzhtK0xRWE5nY3Nn
S3Ztb1N0eENFMkdnPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJEQU1MM2dqVGE1dHc3QjdFdDdpbFMveDRTd3FQZkpRZSJ9LCJj
aXBoZXJ0ZXh0IjoiYloxYStSclZ4NkRmclhNdW9UV3ZnLyt6dm5wN2JCcEJPV0l1
YklIV0lJd0VreTVCODkwa2tsNG92c01uSzZESEpjMnYvWm9vYWRlSGdibVNvY2E4
R0kxaTFkUmROaHJtYlF2NnJOd1cwTU4rZnQ4Z2NEQ1ExTVFOai9xRlVZVE5KVndZ
WlU4UWJoL1JMWVRxM21NTGlUL0c0ajhXQXoxZWNuYm96dE0vZS9nTVZURW9JSFpo
RkQ0Smx6VjVxMjhPbkNhNGN3MmZrdEF4MHc9PSJ9
-----END ENCRYPTED COSIGN PRIVATE KEY-----
`;
export const COSIGN_KEY_AT_HIGHEST_COST = `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjoxMzEwNzIsInIi
OjgsInAiOjF9LCJzYWx0IjoidlJxbFZrOHNCWU9KNlpwbVRkemhxVEJWQjZDaWhx
bUZkYnhjTnF4eEJtQT0ifSwiY2lwaGVyIjp7Im5hbWUiOiJuYWNsL3NlY3JldGJv
eCIsIm5vbmNlIjoic3VObnF1aFR3cXBYRUVvV2JoMUNJOFIrTW8xeEVzd3oifSwi
Y2lwaGVydGV4dCI6ImlPb1ZZSG5XanBpWDROenA0LzA5RVZ2OUh5Z0VTUU40TzZN
aU44VFhzdGg0MWJhVXJhZEJZbDVzeEYzTCtVaXN3RXB0OTBNUEtmdVY0akZ6a001
b3dOYW1zRG1IUno2UXpySEkwV01haFloTEtOenlGU3RKMEtiUGd2dy9salNtSWNa
a0FlNTJPR3Z1UU5iL1VveDV0SGd4WEphOFduWDdibU9Oc0R1K25MRUd4YUM5YVBP
L2xmZnJKTDRyRlRpZkh1NHhwOGxDamVtV253PT0ifQ==
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
`;

/** `cosign import-key-pair` of an Ed25519 key that `openssl genpkey` made. */
export const COSIGN_ED25519_KEY = `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiJYUlVxeERLUXhvMlR0TU44cW50ek9NRDQ1N3JtclJR
Skl0RnhNaVhRU3NVPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiIrRG9mTDV4RGhsMGczVmNkd2tEZG1LQi9OVkR6cjdsVSJ9LCJj
aXBoZXJ0ZXh0IjoiU3EvZDV5Mkl4NjdIbG1JWHZ5VmViOFFRYThBUzhsQXhNWUVz
SGpIbmJUSHFuWVkzYzhLeXZ4bFN1ZXE1Z0xuQk9KV1l5MzJCNnRYWk9hNk9KZEtS
M0E9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
`;
export const COSIGN_ED25519_PUB = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEACpQpbEPufRySGM7I1QKlQ2UsVmBJ54BOFpwwCfosYGI=
-----END PUBLIC KEY-----
`;

/** What both of cosign's signatures of an image are about. The bundle names its digest only. */
export const COSIGN_IMAGE: SignedImage = {
  repository: "registry.example:5000/atom/api",
  digest: "sha256:fa1deeb665cfe1461c3541d4711279ba96381414ada864edb06e8f30b82c142e",
};

/** `cosign sign --new-bundle-format=false -a release=7.2.0`: a layer and its annotation. */
export const COSIGN_PAYLOAD = `{"critical":{"identity":{"docker-reference":"registry.example:5000/atom/api"},"image":{"docker-manifest-digest":"sha256:fa1deeb665cfe1461c3541d4711279ba96381414ada864edb06e8f30b82c142e"},"type":"cosign container image signature"},"optional":{"release":"7.2.0"}}`;
export const COSIGN_SIGNATURE =
  "MEYCIQC3mzDpuLWv0keAQJV7rpwxg9G1jA9kCJg6MMJmP4m9qAIhAI2ZXdavxLSuoLc8iApNriSOsyzo4wcJLCdPkeTuvSbX";

/** The annotation that cosign 2.6.1 writes over the same payload. */
export const COSIGN_2_SIGNATURE =
  "MEUCIQCR9vH6LW5rJf6EzXJ/7pC+EKkLr1/J1lG/Z1SY1D9cpgIgST+oiUuGsUjuHvyozy3AN/2QHXkNWChQLg50cB4Kg6s=";

/** `cosign sign`: the layer of the referrer. */
export const COSIGN_BUNDLE = `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial":{"publicKey":{"hint":"x4n3++JQ4zL1KwJL9GS4WnsNBfg8Rot3X4pZI9oyo2k="}}, "dsseEnvelope":{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCAic3ViamVjdCI6W3siZGlnZXN0Ijp7InNoYTI1NiI6ImZhMWRlZWI2NjVjZmUxNDYxYzM1NDFkNDcxMTI3OWJhOTYzODE0MTRhZGE4NjRlZGIwNmU4ZjMwYjgyYzE0MmUifX1dLCAicHJlZGljYXRlVHlwZSI6Imh0dHBzOi8vc2lnc3RvcmUuZGV2L2Nvc2lnbi9zaWduL3YxIn0=", "payloadType":"application/vnd.in-toto+json", "signatures":[{"sig":"MEUCIQD9DWw96wV20CdT1XJ0vjVPyOG0TvI/W3a/JPlvLgDTvAIgStf03km8d2wBIPxQvM+Ot+FlnI2JPgNXaFvnzls9zto="}]}}`;

/** `cosign sign-blob --new-bundle-format=false` of the four letters "blob". */
export const COSIGN_BLOB_SIGNATURE =
  "MEQCIGX7RpX4GKn39wWm6QmXjG5AOo3sbljiILaQPRhnTaTyAiBtfJRpi+hjwDCoiiOF2Ybq9XbXZwFL/xecsKZLN7FQXQ==";

/** Not of cosign, but over its key: a certificate in DER of the year 2019, by an authority that was thrown away. */
export const EXPIRED_CERTIFICATE = Buffer.from(
  "MIIBFTCBvKADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMTCWF1dGhvcml0eTAeFw0xOTAxMDEwMDAwMDBaFw0yMDAxMDEwMDAwMDBaMBExDzANBgNVBAMTBnNpZ25lcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIwrH9YCP5K9HeYb8uDFrgXG6ytDhILfNYyxyfpWoIoTs9rXzpqrqK+Gt9x9eobKka+L+dTbbVhFKGbSXpC+vV6jAjAAMAoGCCqGSM49BAMCA0gAMEUCIQCVMhkzXpZp1PbKAqwPDDWl0Xgjl02VfET55gdoJ7XSQQIgM4tCB0+QwTJsM9Q64DxWsjAup2N+ncYrLiW1cepcHZU=",
  "base64",
);

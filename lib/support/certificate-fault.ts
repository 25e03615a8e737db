/** OpenSSL's and Node's words for a certificate that is not to be trusted. */
const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|ERR_TLS_CERT_)/;

/** Whether a connection came to nothing because of the server's certificate, by the system's word for it. */
export function isCertificateFault(code: string): boolean {
  return CERTIFICATE.test(code);
}

import { isCertificateFault } from "../support/certificate-fault";
import type { KubeApi, KubeApiError } from "./kube-api";

const REACH =
  "see that it runs and that this machine reaches it, or name another context with --context";
const TRUST =
  "see certificate-authority-data of its cluster in the kubeconfig, or name the authority's file in " +
  "NODE_EXTRA_CA_CERTS";

/** What an exchange failed with: `500`, or `ECONNREFUSED at https://eu.example:6443` where no answer came. */
export function kubeFailure({ server }: KubeApi, { code }: KubeApiError): string {
  return isConnection(code) ? `${code} at ${server}` : code;
}

/** What to do about it, where that is known. */
export function kubeFailureMend({ code, mend }: KubeApiError): string | undefined {
  if (isCertificateFault(code)) return TRUST;
  return isConnection(code) ? REACH : mend;
}

/** Whether a code is the system's for a connection, and not the server's or one of our own words. */
function isConnection(code: string): boolean {
  return /^[A-Z][A-Z0-9_]+$/.test(code) || code === "no answer";
}

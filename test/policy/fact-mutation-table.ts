import { identityOf } from "../../lib/kubernetes/diff-objects";
import type { GraphContent } from "../../lib/policy/graph/graph";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { signImage } from "../../lib/signing/image-signature";
import { generateSigningKey } from "../../lib/signing/key";
import type { SignatureRecord } from "../../lib/signing/signature";
import { hexOf, sha256 } from "../../lib/support/digest";
import { attested } from "../signing/attested";
import { CHART_DIGEST, CHART_KEY, CHART_REPOSITORY, SIGNED_IMAGE } from "./compliant-facts";

/** One mistake in what is no Kubernetes object, and the rule that it breaks. */
export interface FactMutation {
  readonly rule: string;
  readonly title: string;
  /** From the graph's content: `["charts", 0, "signatures"]` is that field of its first chart. */
  readonly path: readonly [keyof GraphContent, ...(string | number)[]];
  /** `undefined` removes what stands there. */
  readonly value: unknown;
  /** Rules that the same mistake breaks by its nature. */
  readonly also?: readonly string[];
  /** Where a good fact beside it makes the rule pass. */
  readonly besidePasses?: true;
}

const OTHER_KEY = generateSigningKey();
const OTHER_DIGEST = sha256("something else");
const CHART = { repository: CHART_REPOSITORY, digest: CHART_DIGEST };
const SIGNATURE = signImage(CHART, CHART_KEY);

/** A signature beside which lies what a log has of another one. */
function withEntryOf(other: SignatureRecord): SignatureRecord {
  const value = hexOf(sha256(Buffer.from(other.payload, "base64")));
  const publicKey = { content: btoa(CHART_KEY.publicKeyPem) };
  const body = {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value } },
      signature: { content: other.signature, publicKey },
    },
  };
  return { ...SIGNATURE, logEntry: btoa(JSON.stringify(body)) };
}

const API = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", namespace: "tenant-acme" },
};

const policy = (path: string) => `path "${path}" { capabilities = ["read"] }`;

/** Deleted, flipped, or retargeted. */
export const FACT_MUTATIONS: readonly FactMutation[] = [
  {
    rule: "P1-DATA-4",
    title: "a policy's path ends before its slash",
    path: ["vaultPolicies", 0, "policy"],
    value: policy("atom/data/tenants/acme*"),
  },
  {
    rule: "P1-DATA-4",
    title: "a policy is retargeted to another tenant",
    path: ["vaultPolicies", 0, "policy"],
    value: policy("atom/data/tenants/beta/*"),
  },
  {
    rule: "P1-DATA-4",
    title: "a role's policy is deleted",
    path: ["vaultPolicies", 0],
    value: undefined,
  },
  {
    rule: "P1-DATA-4",
    title: "a role is retargeted to another tenant's namespace",
    path: ["vaultRoles", 0, "boundNamespaces", 0],
    value: "tenant-beta",
  },
  {
    rule: "P1-DATA-4",
    title: "a role lets in another namespace beside its own",
    path: ["vaultRoles", 0, "boundNamespaces", 1],
    value: "tenant-beta",
  },
  {
    rule: "P1-DATA-4",
    title: "a role lets in every service account",
    path: ["vaultRoles", 0, "boundServiceAccounts"],
    value: ["*"],
  },
  {
    rule: "P1-DATA-4",
    title: "a role's audience is deleted",
    path: ["vaultRoles", 0, "audience"],
    value: undefined,
  },
  {
    rule: "P1-DATA-4",
    title: "a role's tokens live for a day",
    path: ["vaultRoles", 0, "tokenMaxTtlSeconds"],
    value: 86_400,
  },
  {
    rule: "P1-DATA-5",
    title: "a chart is retargeted to another tenant's project",
    path: ["charts", 0, "reference"],
    value: `registry.atom.example:5000/tenant-beta/services@${CHART_DIGEST}`,
    also: ["P2-2"],
  },
  {
    rule: "P2-2",
    title: "a chart's signatures are deleted",
    path: ["charts", 0, "signatures"],
    value: undefined,
  },
  {
    rule: "P2-2",
    title: "a tenant's chart is deleted",
    path: ["charts", 0],
    value: undefined,
    // Then nobody has recorded what it made, either.
    also: ["P2-8"],
  },
  {
    rule: "P2-2",
    title: "a chart is retargeted to another digest",
    path: ["charts", 0, "reference"],
    value: `${CHART_REPOSITORY}@${OTHER_DIGEST}`,
  },
  {
    rule: "P2-2",
    title: "a chart's signature is for another repository",
    path: ["charts", 0, "signatures"],
    value: [signImage({ ...CHART, repository: `${CHART_REPOSITORY}-2` }, CHART_KEY)],
  },
  {
    rule: "P2-3",
    title: "a chart's signature is anybody's",
    path: ["charts", 0, "signatures"],
    value: [signImage(CHART, OTHER_KEY)],
  },
  {
    rule: "P2-3",
    title: "an image's signature is anybody's",
    path: ["mirrors", 0, "imageSignatures"],
    value: [signImage(SIGNED_IMAGE, OTHER_KEY)],
  },
  {
    rule: "P2-3",
    title: "no key is trusted",
    path: ["trustedKeys"],
    value: [],
  },
  {
    rule: "P2-3",
    title: "another key is trusted",
    path: ["trustedKeys", 0],
    value: OTHER_KEY.publicKeyPem,
  },
  {
    rule: "P2-4",
    title: "a log entry is another signature's",
    path: ["charts", 0, "signatures", 0],
    value: withEntryOf(signImage(CHART, CHART_KEY)),
  },
  {
    rule: "P2-4",
    title: "a second signature has another chart's log entry",
    path: ["charts", 0, "signatures", 1],
    value: withEntryOf(signImage({ ...CHART, digest: OTHER_DIGEST }, CHART_KEY)),
  },
  {
    rule: "P2-6",
    title: "an image's signature is about another digest",
    path: ["mirrors", 0, "imageSignatures"],
    value: [signImage({ ...SIGNED_IMAGE, digest: OTHER_DIGEST }, CHART_KEY)],
    besidePasses: true,
  },
  {
    rule: "P2-6",
    title: "an image's copy failed",
    path: ["mirrors", 0, "unmirrored"],
    value: { api: "its copy failed" },
  },
  {
    rule: "P2-7",
    title: "a secret's signature does not verify",
    path: ["replicas", 0, "fault"],
    value: "its signature does not match",
  },
  {
    rule: "P2-7",
    title: "a secret's statement is deleted",
    path: ["replicas", 0, "statement"],
    value: undefined,
  },
  {
    rule: "P2-7",
    title: "a secret is retargeted to another tenant",
    path: ["replicas", 0, "statement", "tenant"],
    value: "beta",
  },
  {
    rule: "P2-7",
    title: "a secret's statement is an older version's",
    path: ["replicas", 0, "statement", "version"],
    value: 2,
  },
  {
    rule: "P2-8",
    title: "an object is not what its chart rendered",
    path: ["charts", 0, "render", "objects", identityOf(API)],
    value: OTHER_DIGEST,
  },
  {
    rule: "P2-8",
    title: "an object that was rendered is gone",
    path: ["charts", 0, "render", "objects", identityOf({ ...API, kind: "ConfigMap" })],
    value: OTHER_DIGEST,
  },
  {
    rule: "P2-9",
    title: "an image's provenance is about another image",
    path: ["mirrors", 0, "provenance", "api", "attestation"],
    value: attested(OTHER_DIGEST),
  },
  {
    rule: "P2-9",
    title: "an image's builder is not trusted",
    path: ["mirrors", 0, "provenance", "api", "builders"],
    value: {},
  },
  {
    rule: "P2-9",
    title: "an image was built by another build type",
    path: ["mirrors", 0, "provenance", "api", "buildType"],
    value: "https://builder.example/script/v1",
  },
  {
    rule: "P2-10",
    title: "an image is locked at another digest",
    path: ["mirrors", 0, "images", "api"],
    value: `${SIGNED_IMAGE.repository}@${OTHER_DIGEST}`,
    // It was built as it had to be, and is another one now.
    also: ["P2-9"],
    // A lock may have several tags of one image.
    besidePasses: true,
  },
  {
    rule: "P2-10",
    title: "an image is locked by its tag",
    path: ["mirrors", 0, "images", "worker"],
    value: "registry.atom.example:5000/atom/worker:1",
  },
  {
    rule: "P3-1",
    title: "a playbook runs for real",
    path: ["playbooks", 0, "argv"],
    value: ["ansible-playbook", "--diff", "playbooks/bootstrap.yml"],
  },
  {
    rule: "P3-1",
    title: "a playbook's --check stands where Ansible takes it for a file",
    path: ["playbooks", 0, "argv"],
    value: ["ansible-playbook", "--diff", "--", "--check", "playbooks/bootstrap.yml"],
  },
  {
    rule: "P3-2",
    title: "a play opts out of check mode",
    path: ["playbooks", 0, "document", 0, "check_mode"],
    value: "no",
  },
  {
    rule: "P3-2",
    title: "a second play imports what nobody has read",
    path: ["playbooks", 0, "document", 1],
    value: { import_playbook: "other.yml" },
  },
  {
    rule: "P3-5",
    title: "a block's rescue is deleted",
    path: ["playbooks", 0, "document", 0, "tasks", 1, "rescue"],
    value: undefined,
  },
  {
    rule: "P3-6",
    title: "a playbook's proof is deleted",
    path: ["playbooks", 0, "proof"],
    value: undefined,
  },
  {
    rule: "P3-6",
    title: "a playbook was changed after its proof",
    path: ["playbooks", 0, "digest"],
    value: OTHER_DIGEST,
  },
  {
    rule: "P3-6",
    title: "a preview wrote a file",
    path: ["playbooks", 0, "proof", "previewWrites", 0],
    value: "/etc/atom",
  },
  {
    rule: "P3-6",
    title: "a second run changed something",
    path: ["playbooks", 0, "proof", "changed", 1],
    value: 1,
  },
  {
    rule: "P4-7",
    title: "a daemon does not answer",
    path: ["metrics", 0, "status"],
    value: undefined,
  },
  {
    rule: "P4-7",
    title: "a daemon's metrics are empty",
    path: ["metrics", 0, "body"],
    value: "",
  },
  {
    rule: "P4-7",
    title: "a daemon's metrics are a page",
    path: ["metrics", 0, "contentType"],
    value: "text/html",
  },
  {
    rule: "P4-7",
    title: "a label of a daemon's metrics is called like a secret",
    path: ["metrics", 0, "body"],
    value: '# HELP a A.\n# TYPE a gauge\na{token="x"} 1\n',
  },
  {
    rule: "P5-1",
    title: "a tenant is declared without a namespace",
    path: ["tenants", 1],
    value: { id: "tenant beta", scope: { cluster: "eu-prod", tenant: "beta" } },
  },
  {
    rule: "P5-5",
    title: "a stack reads another tenant's",
    path: ["stackReferences", 0, "to"],
    value: "organization/atom/tenant.beta.eu-west",
  },
  {
    rule: "P5-6",
    title: "a namespace is not protected",
    path: ["objects", 0, "protect"],
    value: false,
  },
  {
    rule: "P5-6",
    title: "a namespace's protection is not known",
    path: ["objects", 0, "protect"],
    value: UNKNOWN,
  },
  {
    rule: "P6-3",
    title: "a release has no timeout",
    path: ["releases", 0, "timeoutSeconds"],
    value: 0,
  },
  {
    rule: "P6-4",
    title: "a rollback has minutes",
    path: ["releases", 0, "rollbackTimeoutSeconds"],
    value: 300,
  },
  {
    rule: "P6-4",
    title: "a rollback has what is left of the release",
    path: ["releases", 0, "rollbackTimeoutSeconds"],
    value: undefined,
  },
  {
    rule: "P7-1",
    title: "a release does not roll back by itself",
    path: ["releases", 0, "automaticRollback"],
    value: false,
  },
  {
    rule: "P7-1",
    title: "a chart's release is deleted",
    path: ["releases", 0],
    value: undefined,
  },
  {
    rule: "P7-2",
    title: "a release keeps one revision",
    path: ["releases", 0, "historyLimit"],
    value: 1,
  },
  {
    rule: "P7-6",
    title: "a failed install is uninstalled",
    path: ["releases", 0, "failedInstall"],
    value: "uninstall",
  },
  {
    rule: "P7-6",
    title: "nobody says what becomes of a failed install",
    path: ["releases", 0, "failedInstall"],
    value: undefined,
  },
];

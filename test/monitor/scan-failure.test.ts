import { expect, test } from "vitest";
import { scanFailure } from "../../lib/monitor/scan-failure";
import { KubeApi, KubeApiError } from "../../lib/topology/kube-api";

const REACH =
  "see that it runs and that this machine reaches it, or name another context with --context";
const TRUST =
  "see certificate-authority-data of its cluster in the kubeconfig, or name the authority's file in " +
  "NODE_EXTRA_CA_CERTS";

test.each([
  ["ECONNREFUSED", "ECONNREFUSED at https://eu.example:6443", REACH],
  ["no answer", "no answer at https://eu.example:6443", REACH],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE at https://eu.example:6443",
    TRUST,
  ],
])("names the server that no connection came about to, and what to do: %s", (code, words, mend) => {
  const api = new KubeApi("eu", "https://eu.example:6443", () => Promise.resolve());
  const unseen = [{ what: "pods", error: new KubeApiError(code) }];
  expect(scanFailure(api, unseen).problems).toEqual([
    { path: "pods", message: `cannot be read (${words})`, mend },
  ]);
});

test("names no server where it answered", () => {
  const api = new KubeApi("eu", "https://eu.example:6443", () => Promise.resolve());
  const unseen = [{ what: "pods", error: new KubeApiError("500") }];
  expect(scanFailure(api, unseen).problems).toEqual([
    { path: "pods", message: "cannot be read (500)" },
  ]);
});

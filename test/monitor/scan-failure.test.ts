import { expect, test } from "vitest";
import { scanFailure } from "../../lib/monitor/scan-failure";
import { KubeApi, KubeApiError } from "../../lib/topology/kube-api";

test("names the server where nobody answers at its address, and nowhere else", () => {
  const api = new KubeApi("eu", "https://eu.example:6443", () => Promise.resolve());
  const codes = ["ECONNREFUSED", "ENOTFOUND", "500"];
  const unseen = codes.map((code) => ({ what: "pods", error: new KubeApiError(code) }));
  expect(scanFailure(api, unseen).problems).toEqual([
    { path: "pods", message: "cannot be read (ECONNREFUSED at https://eu.example:6443)" },
    { path: "pods", message: "cannot be read (ENOTFOUND at https://eu.example:6443)" },
    { path: "pods", message: "cannot be read (500)" },
  ]);
});

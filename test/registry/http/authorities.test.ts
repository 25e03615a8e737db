import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { authoritiesOf } from "../../../lib/registry/http/authorities";
import { UsageError } from "../../../lib/support/problem";
import { tempFolder } from "../../doubles/temp-folder";

/** Files as Docker, Go's tools and Node are told of them. */
function machine() {
  const folder = tempFolder();
  const docker = join(folder, "certs.d");
  mkdirSync(join(docker, "registry.example:5000"), { recursive: true });
  writeFileSync(join(docker, "registry.example:5000", "ca.crt"), "docker's");
  writeFileSync(join(docker, "registry.example:5000", "client.key"), "no certificate");
  const file = (name: string) => {
    writeFileSync(join(folder, name), name);
    return join(folder, name);
  };
  return { docker, file };
}

test("without any, Node's own are all", () => {
  const { docker } = machine();
  expect(authoritiesOf("ghcr.io", {}, docker)).toBeUndefined();
  expect(authoritiesOf("ghcr.io", { SSL_CERT_FILE: "" }, docker)).toBeUndefined();
  expect(authoritiesOf("ghcr.io", {}, join(docker, "none"))).toBeUndefined();
});

test("Docker's are those of one registry", () => {
  const { docker } = machine();
  expect(authoritiesOf("registry.example:5000", {}, docker)).toEqual(["docker's"]);
  expect(authoritiesOf("registry.example", {}, docker)).toBeUndefined();
});

test("SSL_CERT_FILE is for all, and NODE_EXTRA_CA_CERTS stays with it", () => {
  const { docker, file } = machine();
  const environment = {
    SSL_CERT_FILE: file("go's"),
    NODE_EXTRA_CA_CERTS: file("node's"),
  };
  expect(authoritiesOf("ghcr.io", environment, docker)).toEqual(["node's", "go's"]);
  const own = authoritiesOf("registry.example:5000", environment, docker);
  expect(own).toEqual(["node's", "go's", "docker's"]);
});

test("fails for a file that is not there, by the variable that names it", () => {
  const { docker } = machine();
  const read = () => authoritiesOf("ghcr.io", { SSL_CERT_FILE: "/nowhere/ca.pem" }, docker);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(/SSL_CERT_FILE: the file "\/nowhere\/ca.pem" cannot be read \(ENOENT\)$/);
});

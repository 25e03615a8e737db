import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { atom, imagesFrom, smallFleet, writeFleet } from "./atom";

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

/** A day from today, in UTC. */
function day(after: number): string {
  return new Date(Date.now() + after * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

const WAIVER = {
  rule: "P1-IMG-1",
  object: "chart tenant-acme",
  reason: "until the move",
  expires: "2999-01-31",
  owner: "platform",
};

async function check(...waivers: object[]) {
  const { code, out, error } = await atom([
    "check",
    writeFleet(folder, smallFleet({ waivers })),
    "--json",
  ]);
  expect(JSON.parse(out)).toMatchObject({ version: 1 });
  return {
    code,
    lines: error
      .replaceAll(/ \(line \d+\)/g, "")
      .split("\n")
      .slice(0, -1),
  };
}

describe("atom check --json", () => {
  test("has what is told on standard error, and what the table counts", async () => {
    const path = writeFleet(
      folder,
      smallFleet({
        waivers: [WAIVER, { ...WAIVER, expires: "2001-01-31" }].map((waiver, index) => ({
          ...waiver,
          object: `chart tenant-${index}`,
        })),
      }),
    );
    const { code, out, error } = await atom(["check", path, "--json"]);
    const { fleet, waivers } = JSON.parse(out) as { fleet: unknown; waivers: unknown };
    const line = expect.any(Number) as number;
    const message =
      "the waiver of P1-IMG-1 for chart tenant-1 (platform) expired on 2001-01-31 and lifts nothing";
    expect({ code, fleet, waivers }).toEqual({
      code: 0,
      fleet: { path, release: "7.2.0", regions: 1, clusters: 1, tenants: 1, images: 5 },
      waivers: [
        { path: "waivers[1].expires", line, message, mend: "set another day, or remove it" },
      ],
    });
    expect(error).toContain(message);
  });
});

describe("atom check on waivers", () => {
  test("says nothing of one that holds, and of one that no plan can judge", async () => {
    const running = { ...WAIVER, object: "Deployment tenant-acme/api, as it runs" };
    expect(await check(WAIVER, running)).toEqual({ code: 0, lines: [] });
  });

  test("warns of one that has expired, or will within 30 days", async () => {
    const soon = day(29);
    const result = await check(
      { ...WAIVER, expires: day(-1) },
      { ...WAIVER, object: "chart tenant-beta", expires: day(0) },
      { ...WAIVER, object: "chart tenant-gamma", expires: soon },
      { ...WAIVER, object: "chart tenant-delta", expires: day(30) },
    );
    expect(result).toEqual({
      code: 0,
      lines: [
        `waivers[0].expires: the waiver of P1-IMG-1 for chart tenant-acme (platform) expired on ${day(-1)} and lifts nothing; set another day, or remove it`,
        `waivers[1].expires: the waiver of P1-IMG-1 for chart tenant-beta (platform) ends on ${day(0)}, 1 day with today; mend what it lifts, or set another day`,
        `waivers[2].expires: the waiver of P1-IMG-1 for chart tenant-gamma (platform) ends on ${soon}, 30 days with today; mend what it lifts, or set another day`,
      ],
    });
  });

  test("warns of one for an object that the fleet does not plan, or in which nothing is found", async () => {
    const result = await check(
      { ...WAIVER, object: "Deployment tenant-acme/apy" },
      { ...WAIVER, object: "Gateway somewhere-else/entirely" },
      { ...WAIVER, object: "Deployment tenant-acme/api" },
    );
    expect(result).toEqual({
      code: 0,
      lines: [
        "waivers[0].object: the fleet plans no Deployment tenant-acme/apy; did you mean Deployment tenant-acme/api?",
        "waivers[1].object: the fleet plans no Gateway somewhere-else/entirely; name it as the audit does, such as Deployment tenant-acme/api; leave it if others bring the object",
        "waivers[2]: P1-IMG-1 finds nothing in Deployment tenant-acme/api as the fleet plans it; remove it, unless the cluster has the object otherwise",
      ],
    });
  });

  test("names the line in the fleet file", async () => {
    const path = writeFleet(
      folder,
      smallFleet({ waivers: [{ ...WAIVER, expires: "2001-01-31" }] }),
    );
    const lines = readFileSync(path, "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes("expires:")) + 1;
    expect((await atom(["check", path])).error).toContain(`waivers[0].expires (line ${line}): `);
  });

  test("fails for a rule that does not exist", async () => {
    const path = writeFleet(folder, smallFleet({ waivers: [{ ...WAIVER, rule: "P1-IMG-9" }] }));
    const { code, error } = await atom(["check", path]);
    expect(code).toBe(2);
    expect(error).toMatch(
      / - waivers\[0\]\.rule \(line \d+\): unknown rule "P1-IMG-9"; did you mean/,
    );
  });
});

describe("atom check on the files that a fleet names", () => {
  const simulated = smallFleet().clusters as [{ source: object }];
  const named = {
    clusters: [{ ...simulated[0], source: { inventory: "hosts.ini" } }],
    images: [
      { ...imagesFrom("ghcr.io")[0], publicKeys: ["vendor.pub"] },
      ...imagesFrom("ghcr.io").slice(1),
    ],
    simulation: { secrets: "secrets.yaml" },
  };

  test("fails for each that is not there, with its line", async () => {
    const path = writeFleet(folder, smallFleet(named));
    const { code, error } = await atom(["check", path]);
    const lines = readFileSync(path, "utf8").split("\n");
    const lineOf = (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
    expect({ code, error }).toEqual({
      code: 2,
      error:
        `Invalid fleet file ${path}:\n` +
        ` - clusters[0].source.inventory (line ${lineOf("hosts.ini")}): hosts.ini: cannot be read (ENOENT); paths are relative to the file that names them\n` +
        ` - images[0].publicKeys[0] (line ${lineOf("vendor.pub")}): vendor.pub: cannot be read (ENOENT)\n` +
        ` - simulation.secrets (line ${lineOf("secrets.yaml")}): secrets.yaml: cannot be read (ENOENT); paths are relative to the fleet file\n`,
    });
  });

  test("fails for one that cannot be used, and repeats nothing of it", async () => {
    const path = writeFleet(folder, smallFleet({ simulation: named.simulation }));
    writeFileSync(join(folder, "secrets.yaml"), "version: 1\nsecrets:\n  - path: x\n hunter2: 1\n");
    const { code, error } = await atom(["check", path]);
    expect(code).toBe(2);
    expect(error).toMatch(
      / - simulation\.secrets \(line \d+\): secrets\.yaml: line 4: is no valid YAML \([a-z_]+\)/,
    );
    expect(error).not.toContain("hunter2");
  });

  test("fails for an inventory that a variable names, and names the variable", async () => {
    const path = writeFleet(folder);
    const environment = { ANSIBLE_INVENTORY: join(folder, "gone.ini") };
    const { error } = await atom(["check", path], { environment });
    expect(error).toContain(" - ANSIBLE_INVENTORY: ");
  });
});

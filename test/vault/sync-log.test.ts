import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SimulatedClock } from "../../lib/support/clock";
import { UsageError } from "../../lib/support/problem";
import { SyncLog, verifySyncLog } from "../../lib/vault/sync-log";
import { openSyncLog } from "../../lib/vault/sync-log-file";

const newClock = () => new SimulatedClock(new Date("2026-01-02T03:04:05Z"));
const events = [
  { action: "write", path: "tenants/acme/a", version: 1, outcome: "DONE" },
  { action: "sign", path: "tenants/acme/a", version: 1, outcome: "DONE" },
  { action: "remove", path: "tenants/acme/b", version: null, outcome: "DONE" },
];

function logOf(clock = newClock()): SyncLog {
  const log = new SyncLog(clock);
  for (const event of events) {
    log.append(event);
    clock.advance(1000);
  }
  return log;
}

describe("the sync log", () => {
  test("chains each line to the one before", () => {
    const check = verifySyncLog(logOf().text);
    if (!check.intact) throw new Error(check.reason);
    expect(check.entries.map(({ hash: _, previous: __, ...fields }) => fields)).toEqual([
      { seq: 1, at: "2026-01-02T03:04:05.000Z", ...events[0] },
      { seq: 2, at: "2026-01-02T03:04:06.000Z", ...events[1] },
      { seq: 3, at: "2026-01-02T03:04:07.000Z", ...events[2] },
    ]);
    expect(check.entries.map(({ previous }) => previous)).toEqual([
      `sha256:${"0".repeat(64)}`,
      ...check.entries.slice(0, -1).map(({ hash }) => hash),
    ]);
  });

  test("is the same for the same clock and events", () => {
    expect(logOf().text).toBe(logOf().text);
  });

  test("goes on where a text ends", () => {
    const whole = logOf().text;
    const clock = newClock();
    clock.advance(2000);
    const rest = new SyncLog(clock, whole.split("\n").slice(0, 2).join("\n") + "\n");
    rest.append(events[2]!);
    expect(rest.text).toBe(whole);
  });

  test("S9 has no line that its sink did not take", () => {
    const log = new SyncLog(newClock(), "", () => {
      throw new Error("ENOSPC");
    });
    expect(() => log.append(events[0]!)).toThrow("ENOSPC");
    expect(log.text).toBe("");
  });

  test("an empty log is intact", () => {
    expect(verifySyncLog("")).toEqual({ intact: true, entries: [] });
  });

  const lines = logOf().text.trimEnd().split("\n");
  const joined = (all: readonly (string | undefined)[]) => all.map((line) => `${line}\n`).join("");
  test.each([
    ["a changed outcome", joined([lines[0], lines[1]!.replace("DONE", "HELD"), lines[2]]), 2],
    ["a line taken out", joined([lines[0], lines[2]]), 2],
    ["the first line taken out", joined([lines[1], lines[2]]), 1],
    ["two lines swapped", joined([lines[1], lines[0], lines[2]]), 1],
    ["a line twice", joined([lines[0], lines[0]]), 2],
    ["a blank line", joined([lines[0], "", lines[1]]), 2],
    ["an added field", joined([lines[0]!.replace("{", '{"x":1,')]), 1],
    ["a doubled key", joined([lines[0]!.replace("{", '{"seq":7,')]), 1],
    ["a blank between", joined([lines[0]!.replace(",", ", ")]), 1],
    ["a last line without its end", joined(lines).slice(0, -1), 3],
  ])("fails for %s and names the line", (_, text, line) => {
    const check = verifySyncLog(text);
    expect(check.intact ? "intact" : check.line).toBe(line);
  });

  test("fails for a line that was written anew with a hash of its own", () => {
    const other = new SyncLog(newClock());
    other.append({ ...events[0]!, outcome: "HELD" });
    const check = verifySyncLog(other.text + joined(lines.slice(1)));
    expect(check).toEqual({
      intact: false,
      line: 2,
      reason: "the line before is not the one it followed",
    });
  });

  test("fails for any one byte changed", () => {
    const { text } = logOf();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        fc.pre(changed !== text);
        expect(verifySyncLog(changed).intact).toBe(false);
      }),
    );
  });

  test("fails to go on after a broken line", () => {
    expect(() => new SyncLog(newClock(), joined([lines[1]]))).toThrow(UsageError);
  });
});

describe("a sync log's file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "atom-sync-log-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("holds each line when append returns, and goes on when it is opened again", () => {
    const path = join(folder, "logs", "vault_sync.log");
    const clock = newClock();
    for (const event of events) {
      openSyncLog(path, clock).append(event);
      clock.advance(1000);
    }
    expect(readFileSync(path, "utf8")).toBe(logOf().text);
  });

  test("S1 loses a torn last line and nothing else", () => {
    const path = join(folder, "vault_sync.log");
    const { text } = logOf();
    const kept = lines(text, 2);
    for (let cut = kept.length; cut < text.length; cut += 1) {
      writeFileSync(path, text.slice(0, cut));
      expect(openSyncLog(path, newClock()).text).toBe(kept);
      expect(readFileSync(path, "utf8")).toBe(kept);
    }
  });

  test("fails for a file that somebody changed, and leaves it as it is", () => {
    const path = join(folder, "vault_sync.log");
    writeFileSync(path, logOf().text.replace("acme", "acne"));
    appendFileSync(path, "torn");
    expect(() => openSyncLog(path, newClock())).toThrow(/line 1\)?: is broken/);
    expect(readFileSync(path, "utf8").endsWith("torn")).toBe(true);
  });
});

function lines(text: string, count: number): string {
  return text.split("\n").slice(0, count).join("\n") + "\n";
}

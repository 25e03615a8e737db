import { describe, expect, test } from "vitest";
import { mirrorFrame, showMirror } from "../../lib/cli/mirror-progress";
import type { MirrorProgress } from "../../lib/registry/mirror/progress";
import { RecordingTerminal } from "../doubles/recording-terminal";
import { WatchedTerminal } from "../doubles/watched-terminal";

const MIB = 1024 * 1024;

function progress(
  image: string,
  phase: MirrorProgress["phase"],
  bytesDone: number,
): MirrorProgress {
  return { image, phase, bytesDone, bytesTotal: 50 * MIB };
}

describe("mirrorFrame", () => {
  const active = [progress("api", "copy", 25 * MIB), progress("scheduler", "verify", 50 * MIB)];
  const run = { ended: 2, total: 5, bytes: 100 * MIB };

  test("has a bar for each image and a line for the run", () => {
    expect(mirrorFrame(active, run, 100).split("\n")).toEqual([
      "api       [##########----------] copy       25.0 MiB of 50.0 MiB",
      "scheduler [####################] verify     50.0 MiB of 50.0 MiB",
      "2 of 5 images, 175.0 MiB",
    ]);
  });

  test("has no line that a narrow terminal would wrap", () => {
    const widths = mirrorFrame(active, run, 40)
      .split("\n")
      .map(({ length }) => length);
    expect(Math.max(...widths)).toBe(39);
  });

  test("has the run's line alone where nothing is worked on", () => {
    expect(mirrorFrame([], run, 100)).toBe("2 of 5 images, 100.0 MiB");
  });
});

describe("showMirror", () => {
  const steps = [
    progress("api", "copy", 0),
    progress("api", "done", 50 * MIB),
    progress("worker", "failed", 0),
  ];

  test("prints a line for each image that has ended where nobody watches", async () => {
    const terminal = new RecordingTerminal();
    const display = await showMirror(terminal, 2);
    for (const step of steps) display.update(step);
    display.close();
    expect(terminal.errors).toBe("api: done\nworker: failed\n");
  });

  test("takes the bars away before each such line, and at the end", async () => {
    const terminal = new WatchedTerminal();
    const { written, stream } = terminal;
    const display = await showMirror(terminal, 2, stream);
    for (const step of steps) display.update(step);
    display.say("waiting\n");
    display.close();
    const lines = written.filter((text) => text.startsWith("LINE "));
    expect(lines).toEqual(["LINE api: done\n", "LINE worker: failed\n", "LINE waiting\n"]);
    expect(written.at(-1)).toContain("\u001b[2K");
    expect(written.join("")).toContain("2 of 2 images, 50.0 MiB");
  });
});

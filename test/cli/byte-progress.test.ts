import { expect, test } from "vitest";
import { showBytes } from "../../lib/cli/byte-progress";
import { RecordingTerminal } from "../doubles/recording-terminal";
import { WatchedTerminal } from "../doubles/watched-terminal";

const GIB = 1024 ** 3;

test("says a line a GiB where nobody watches", async () => {
  const terminal = new RecordingTerminal();
  const progress = await showBytes(terminal, "written");
  for (const part of [0.5, 0.6, 0.2, 0.8]) progress.add(part * GIB, 3 * GIB);
  progress.close();
  expect(terminal.errors).toBe("1.1 GiB of 3.0 GiB written\n2.1 GiB of 3.0 GiB written\n");
});

test("draws one line where a person watches, and takes it away", async () => {
  const terminal = new WatchedTerminal();
  const { written, stream } = terminal;
  const progress = await showBytes(terminal, "verified", stream);
  progress.add(GIB / 2);
  progress.say("waiting\n");
  progress.close();
  const drawn = written.findIndex((text) => text.includes("512.0 MiB verified"));
  const said = written.indexOf("LINE waiting\n");
  expect(drawn).toBeGreaterThanOrEqual(0);
  expect(written.slice(drawn + 1, said).join("")).toContain("\u001b[2K");
});

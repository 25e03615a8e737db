import type * as Files from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { SimulatedClock } from "../../../lib/support/clock";
import { tempFolder } from "../../doubles/temp-folder";
import { blobOf, filesBelow, planFor, seedImages } from "../helpers";

// What the file system does next; a shim around `open`, the one call that writes blobs.
const disk = vi.hoisted(() => ({ fault: undefined as string | undefined }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof Files>();
  const failure = (code: string, syscall: string) =>
    Object.assign(new Error(`${code}: ${syscall} '/some/path.123'`), { code, syscall });
  return {
    ...real,
    open: async (...parameters: Parameters<typeof real.open>) => {
      if (disk.fault === "EROFS") throw failure("EROFS", "open");
      const file = await real.open(...parameters);
      if (disk.fault === "ENOSPC") {
        file.writeFile = () => Promise.reject(failure("ENOSPC", "write"));
      }
      if (disk.fault === "EIO") file.sync = () => Promise.reject(failure("EIO", "fsync"));
      return file;
    },
  };
});

afterEach(() => {
  disk.fault = undefined;
});

describe.each(["ENOSPC", "EIO", "EROFS"])("R9 a disk that answers %s", (fault) => {
  test("fails the write and leaves neither a blob nor a rest", async () => {
    const layout = new OciLayout(join(tempFolder(), "layout"));
    const blob = blobOf("content");
    disk.fault = fault;
    await expect(layout.putBlob("a", blob, blob.open)).rejects.toMatchObject({ code: fault });
    expect(filesBelow(layout.folder)).toEqual([]);
    disk.fault = undefined;
    await layout.putBlob("a", blob, blob.open);
    expect(await layout.hasBlob("a", blob)).toBe(true);
  });

  test("fails the image with a cause that holds no path, and a later run completes it", async () => {
    const source = new OciLayout(join(tempFolder(), "source"));
    const target = new OciLayout(join(tempFolder(), "target"));
    const clock = new SimulatedClock(new Date("2026-01-01T00:00:00Z"));
    await seedImages(source, "api");
    const plan = await planFor(source, "api");
    const options = { sourceOf: () => source, target, clock };
    disk.fault = fault;
    const failed = await applyMirror(plan, options);
    expect(failed.state.images[0]).toMatchObject({
      outcome: "failed",
      cause: expect.stringMatching(new RegExp(`^${fault} during [a-z]+$`)) as string,
    });
    disk.fault = undefined;
    const mended = await applyMirror(plan, options);
    expect(mended.state.images[0]).toMatchObject({ outcome: "copied", verified: true });
  });
});

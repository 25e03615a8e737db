import { OCI_INDEX } from "../../../../lib/registry/media-types";
import { OciLayout } from "../../../../lib/registry/layout/oci-layout";
import { sha256 } from "../../../../lib/support/digest";

/**
 * A process that writes into an OCI layout: `main.js FOLDER NAME COUNT` stores COUNT images under
 * `a/NAME:0…`, each with a blob of three chunks and, if there are several, a referrer of an image that
 * all writers share.
 */
const [, , folder = "", name = "", count = "1"] = process.argv;

export async function writeImages(layout: OciLayout, name: string, count: number): Promise<void> {
  const shared = index({ shared: "image" });
  const subject = { mediaType: OCI_INDEX, digest: sha256(shared), size: shared.length };
  if (count > 1) await layout.putManifest("a/shared", "1", OCI_INDEX, shared);
  for (let number = 0; number < count; number += 1) {
    const chunks = ["first", "second", "third"].map((part) =>
      Buffer.alloc(10_000, `${name} ${number} ${part}`),
    );
    const bytes = Buffer.concat(chunks);
    const blob = { digest: sha256(bytes), size: bytes.length };
    await layout.putBlob(`a/${name}`, blob, async function* () {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    });
    await layout.putManifest(`a/${name}`, String(number), OCI_INDEX, index({ name, number }));
    if (count === 1) continue;
    const referrer = index({ name, number, refers: true }, { subject });
    await layout.putManifest("a/shared", sha256(referrer), OCI_INDEX, referrer);
  }
}

/** An index over nothing, the simplest manifest there is. */
function index(annotations: object, more: object = {}): Buffer {
  const text = Object.fromEntries(Object.entries(annotations).map(([k, v]) => [k, String(v)]));
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [],
      annotations: text,
      ...more,
    }),
  );
}

if (folder !== "" && require.main === module) {
  void writeImages(new OciLayout(folder), name, Number(count));
}

import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ImageLock } from "../lib/registry/mirror/image";
import { planMirror } from "../lib/registry/mirror/plan";
import type { UpstreamKeys } from "../lib/registry/mirror/plan";
import type { DeclaredProvenance } from "../lib/signing/provenance";
import { nearestWord } from "../lib/support/nearest";
import { UsageError } from "../lib/support/problem";
import { unmirroredImages } from "./check-images";
import { checkProvenance } from "./check-provenance";
import type { ClusterReference } from "./cluster-reference";
import { imagesOf, signaturesOf } from "./mirror-reference";
import type { MirrorReference, Signing } from "./mirror-reference";
import { checked } from "./usage";

export interface RegistryMirrorArgs {
  readonly cluster: ClusterReference;
  /** Registry to copy to, with a port or a path where it has one: `registry.example:5000`. */
  readonly target: string;
  /** Images by digest, as `atom mirror plan` locked them: `readImageLock("atom.lock.json")`. */
  readonly images: ImageLock;
  readonly signing: Signing;
  /**
   * Public keys in PEM of which one has to have signed an image at its source, by the image's name;
   * nothing of it is copied before.
   *
   * @default - no image has to be signed at its source
   */
  readonly upstreamKeys?: UpstreamKeys;
  /**
   * How images have to have been built, by their names, with what their builders say. The mirror is
   * refused if one of them was built otherwise.
   *
   * @default - nothing has to be known of how an image was built
   */
  readonly provenance?: Readonly<Record<string, DeclaredProvenance>>;
}

/**
 * A mirror of the fleet's images in your own registry: copied by digest, signed, verified after the
 * copy. It runs again only when its plan changes.
 *
 * ```ts
 * const mirror = new RegistryMirror("images", { cluster, target: "registry.example:5000", images, signing });
 * ```
 *
 * Type token `atom:index:RegistryMirror`.
 */
export class RegistryMirror extends pulumi.ComponentResource implements MirrorReference {
  readonly target: string;
  readonly signing: Signing;
  /** Each image at the target by digest, for plans: the copy may not have happened yet. */
  readonly images: Readonly<Record<string, string>>;
  /** The same, known once all are there. */
  readonly mirrored: pulumi.Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: RegistryMirrorArgs, opts?: pulumi.ComponentResourceOptions) {
    const { target, upstreamKeys = {}, signing, provenance } = args;
    const plan = checked(() => planMirror(args.images, { target, upstreamKeys }));
    const images = imagesOf(plan);
    checked(() => checkProvenance(plan, provenance));
    super(
      "atom:index:RegistryMirror",
      name,
      {
        cluster: args.cluster.clusterName,
        target,
        images,
        imageSignatures: signaturesOf(plan, signing),
        unmirrored: unmirroredImages({ target, images, signing }),
        ...(provenance && { provenance }),
      },
      opts,
    );
    this.target = args.target;
    this.signing = args.signing;
    this.images = images;
    const sync = new command.local.Command(
      `${name}-sync`,
      {
        create: "npx --no-install atom mirror sync --apply --plan -",
        stdin: JSON.stringify(plan),
        logging: command.local.Logging.None,
      },
      { parent: this },
    );
    this.mirrored = sync.urn.apply(() => images);
    this.registerOutputs({ target: this.target, images: this.mirrored });
  }

  /**
   * One image at the target by digest.
   *
   * @throws UsageError if the mirror has no image of that name.
   */
  reference(image: string): string {
    if (Object.hasOwn(this.images, image)) return this.images[image]!;
    const names = Object.keys(this.images);
    const near = nearestWord(image, names);
    throw new UsageError("image", [
      {
        path: "image",
        message: `the mirror has no image '${image}'; it has ${names.join(", ") || "none"}`,
        ...(near === undefined ? {} : { mend: `did you mean '${near}'?` }),
      },
    ]);
  }
}

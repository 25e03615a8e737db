import { RegistryDouble } from "../doubles/registry-double";
import { clientFor, seedImages } from "../registry/helpers";
import { IMAGE_NAMES } from "./atom";

/** Doubles of a vendor's registry, which has the fleet's images, and of one's own, which is empty. */
export async function startTwoRegistries(
  ...moreImages: readonly string[]
): Promise<[vendor: RegistryDouble, own: RegistryDouble]> {
  const [vendor, own] = await Promise.all([
    new RegistryDouble().start(),
    new RegistryDouble().start(),
  ]);
  await seedImages(clientFor(vendor).client, ...IMAGE_NAMES, ...moreImages);
  return [vendor, own];
}

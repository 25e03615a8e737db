import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The package's own folder, where `playbooks/` lies: the same whether the code runs from `lib/` or
 * compiled from `dist/lib/`.
 */
export function packageRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "playbooks"))) {
      return folder;
    }
    if (folder === dirname(folder))
      throw new Error("the folder playbooks/ of this package is missing");
  }
}

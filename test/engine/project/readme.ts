import { readFileSync } from "node:fs";
import { join } from "node:path";

const README = join(__dirname, "..", "..", "..", "README.md");

/** What the README tells a user to write and to type. */
export interface ReadmeExample {
  /** The smallest stack. */
  readonly stack: string;
  /** Path of the policy pack in a user's project. */
  readonly policyPack: string;
  /** The program for the Automation API. */
  readonly automation: string;
}

export function readmeExample(): ReadmeExample {
  const readme = readFileSync(README, "utf8");
  const found = (pattern: RegExp): string => {
    const [, text] = pattern.exec(readme) ?? [];
    if (text === undefined) throw new Error(`the README has nothing like ${pattern.source}`);
    return text;
  };
  return {
    stack: found(/^## The smallest stack\n+```ts\n(.*?)```/ms),
    policyPack: found(/`pulumi preview --policy-pack (\S+)`/),
    automation: found(/Automation API.*?```ts\n(.*?)```/s),
  };
}

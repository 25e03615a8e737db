import { isBesideSecret, SECRET_WORDS, snakeCase } from "../../support/secret-name";
import type { Fields } from "../reading/read";
import { modulesOf } from "./playbook-module";
import type { PlaybookTask } from "./playbook-tasks";

/** At the end of a part of a name, with the short words that playbooks have besides. */
const SECRET = new RegExp(`(?:${SECRET_WORDS})s?(?:_|$)|(?:^|_)(?:pwd|pass)(?:_|$)|(?:^|_)vault_`);

/** Keywords whose text no output repeats with its values. */
const SILENT = new Set([
  "name",
  "when",
  "changed_when",
  "failed_when",
  "until",
  "register",
  "notify",
  "listen",
  "tags",
  "loop_control",
]);
/** Parameters that are an expression without braces. */
const BARE = new Set(["that", "var"]);

/**
 * The first name by which a task touches a secret: a parameter such as `password` that is given a
 * text, or a variable in a template. It goes by names alone, which is what ansible-lint's
 * no-log-password does: a secret in a variable `x` is not seen.
 */
export function secretIn(task: PlaybookTask): string | undefined {
  const open: Place[] = [
    ...placesOf(task.task).filter(({ key }) => !SILENT.has(key)),
    ...modulesOf(task).flatMap(({ parameters }) => placesOf(parameters)),
  ].reverse();
  const seen = new Set<unknown>();
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { key, value } = place;
    if (typeof value === "string") {
      const found = secretInText(place, value);
      if (found !== undefined) return found;
    } else if (typeof value === "object" && value !== null && !seen.has(value)) {
      seen.add(value);
      open.push(
        ...(Array.isArray(value)
          ? value.map((one: unknown) => ({ key, value: one }))
          : placesOf(value as Fields)
        ).reverse(),
      );
    }
  }
  return undefined;
}

interface Place {
  readonly key: string;
  readonly value: unknown;
}

function placesOf(map: Fields): Place[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }));
}

function secretInText({ key }: Place, text: string): string | undefined {
  if (text !== "" && isSecretName(key)) return key;
  const expressions = BARE.has(key)
    ? [text]
    : [...text.matchAll(/\{[{%]([^]*?)[%}]\}/g)].map(([, code]) => code!);
  return expressions
    .flatMap((code) => code.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [])
    .find(isSecretName);
}

function isSecretName(name: string): boolean {
  const snake = snakeCase(name);
  return SECRET.test(snake) && !isBesideSecret(snake);
}

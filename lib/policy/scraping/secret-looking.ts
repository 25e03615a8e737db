import { SECRET_WORDS, snakeCase } from "../../support/secret-name";

/** A name of one. What ends otherwise, as `token_count`, is about one. */
const NAME = new RegExp(`(?:${SECRET_WORDS}|_pwd)s?$`);

/** Whether a name says that it holds a secret: `db_password`, `token`, `accessKey`. */
export function namesSecret(name: string): boolean {
  return NAME.test(snakeCase(name));
}

/** Endings that make a name one of a secret's place, its kind or its rules, and no name of a secret. */
const NO_SECRET =
  /(?:_(?:file|files|path|dir|dest|name|url|uri|addr|address|host|port|version|namespace|ttl|length|type|state|policy|lock|mode|service|issuer|audience|ref|count|expire_(?:min|max|warn))|(?<!secret)_id)$|^(?:update_password|no_log)$/;

/** Words that make a name, in snake case, one of a secret, as the text of a pattern. */
export const SECRET_WORDS =
  "password|passwd|passphrase|token|secret|credential|authorization|api_?key|account_?key|access_?key|private_?key";

/** Anywhere in a name, for people write `PGPASSWORD`. */
const WORD = new RegExp(SECRET_WORDS);
/** Short words that are parts of others, such as of `bypass`. */
const PART = /(?:^|_)pass(?:_|$)|_pwd$/;

/** A name as `snake_case`: `dbPassword`, `DB-Password` and `db_password` are one. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/-/g, "_")
    .toLowerCase();
}

/** Whether a name of words such as `token`, in snake case, is one of no secret: `token_file`, `secret_name`. */
export function isBesideSecret(snake: string): boolean {
  return NO_SECRET.test(snake);
}

/** Whether what is assigned to a name is to be taken for a secret: `--db-password`, `AccountKey`, `PGPASSWORD`. */
export function holdsSecret(name: string): boolean {
  const snake = snakeCase(name);
  return (WORD.test(snake) || PART.test(snake)) && !isBesideSecret(snake);
}

/** Words that make a name one of a secret. What ends otherwise, as `token_count`, is about one. */
const NAME =
  /(^|_)(password|passwd|passphrase|token|secret|credential|authorization|api_?key|private_?key)s?$/i;

/** Whether a name says that it holds a secret: `db_password`, `token`. */
export function namesSecret(name: string): boolean {
  return NAME.test(name);
}

/** Words that make a name one of a secret. What ends otherwise, as `token_count`, is about one. */
const NAME =
  /(^|_)(password|passwd|passphrase|token|secret|credential|authorization|api_?key|private_?key)s?$/i;

/**
 * What secrets look like from outside, by the marks that their makers gave them: a private key, a
 * JSON Web Token, tokens of Vault, GitHub, AWS, a bootstrap or a join token, a password in a URL.
 */
const MARKS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/,
  /\bhv[sbr]\.[\w-]{20,}/,
  /\bgh[pousr]_[A-Za-z0-9]{36}/,
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /^[a-z0-9]{6}\.[a-z0-9]{16}$/,
  /\batomjoin1\.[0-9a-f]{16}\.[\w-]{20,}/,
  /\b(Bearer|Basic) [\w+/=.~-]{16,}/i,
  /:\/\/[^/\s:@]*:[^/\s@]+@/,
];

/** Whether a name says that it holds a secret: `db_password`, `token`. */
export function namesSecret(name: string): boolean {
  return NAME.test(name);
}

/** Whether a text bears the mark of a secret. A text without one may be one all the same. */
export function looksSecret(text: string): boolean {
  return MARKS.some((mark) => mark.test(text));
}

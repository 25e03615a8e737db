import { REDACTED } from "./secret";
import { holdsSecret } from "./secret-name";

/**
 * What secrets look like from outside, by the marks that their makers gave them: a private key, a
 * JSON Web Token, tokens of Vault, GitHub, GitLab, Slack, Docker, npm, Google, Stripe and AWS, a bootstrap
 * or a join token, what follows a scheme of HTTP. None looks further than some hundred characters before
 * it is known to match: the time that they take grows as the text does.
 */
const TOKENS: readonly string[] = [
  "-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*",
  "\\beyJ(?:[\\w-]{100,}|[\\w-]{8,99}\\.[\\w-]{8,})(?:\\.[\\w-]*){0,3}",
  "\\bhv[sbr]\\.[\\w-]{20,}",
  "\\bgh[pousr]_[A-Za-z0-9]{36,}",
  "\\bgithub_pat_\\w{22,}",
  "\\bglpat-[\\w-]{20,}",
  "\\bxox[abprs]-[\\w-]{10,}",
  "\\bdckr_(?:pat|oat)_[\\w-]{20,}",
  "\\bnpm_[A-Za-z0-9]{36,}",
  "\\bya29\\.[\\w-]{20,}",
  "\\bAIza[\\w-]{35,}",
  "\\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}",
  "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b",
  "^[a-z0-9]{6}\\.[a-z0-9]{16}$",
  "\\batomjoin1\\.[0-9a-f]{16}\\.[\\w-]{20,}",
  "\\b(?:[Bb]earer|[Bb]asic|BEARER|BASIC) [\\w+/=.~-]{16,}",
];

const TOKEN = new RegExp(TOKENS.join("|"));
const EVERY_TOKEN = new RegExp(TOKEN, "g");
const PASSWORD_IN_URL = /:\/\/[^/\s:@]*:[^/\s@]+@/;

/** Characters of a text that are looked at; what comes behind them, nobody is told. */
const LONGEST = 8_192;

/** Whether a text bears the mark of a secret. A text without one may be one all the same. */
export function looksSecret(text: string): boolean {
  const start = text.slice(0, LONGEST);
  return TOKEN.test(start) || PASSWORD_IN_URL.test(start);
}

/**
 * A text without what looks like a secret in it: users and passwords before a host, what is assigned to a
 * name such as `password`, and tokens by their makers' marks.
 *
 * @param longest characters of the text that are looked at; the rest is cut off.
 */
export function withoutSecrets(text: string, longest = LONGEST): string {
  const isCut = text.length > longest;
  const whole = isCut ? text.slice(0, longest) : text;
  const assigns = SIGN.test(whole) && ASSIGNING.test(whole);
  const assigned = assigns ? withoutAssigned(whole) : whole;
  const told = text.includes("@")
    ? withoutUsers(assigned, isCut && text.includes("@", longest))
    : assigned;
  return told.replace(EVERY_TOKEN, REDACTED) + (isCut ? "..." : "");
}

/** Whether anything can be assigned to the name of a secret: most texts are told here. */
const SIGN = /[=:-]/;
const ASSIGNING = /pass|pwd|token|secret|credential|auth|key|sig/i;

/**
 * A name, and what stands between it and its value: `token=`, `"auth": `, `password: `, `--password `,
 * or a comma between two arguments in a list. The value is no part of it, for it may hold such a name.
 */
const ASSIGNMENT =
  /(?<![\w-])([\w-]+)(\s*=(?!=\s)>?[ \t]*|["']\s*[:,]\s*(?=["'])|:\s+|:(?=[Bb](?:asic|earer)\s)|\s+(?=[^\s-]))/g;
/** A string, a block of YAML with all behind it, or a word that may have a scheme of HTTP before it. */
const VALUE =
  /(?!(?:true|false|null)["',;)\]}]*(?:[\s&]|$))(?:"(?:[^"\\]|\\[^])*"?|'[^']*'?|[|>][-+\d]*[ \t]*\n[^]*|(?:(?:basic|bearer|digest|token)[ \t]+)?[^\s&]+)/iy;

/** A text without what is assigned to the names of secrets. */
function withoutAssigned(text: string): string {
  let told = "";
  let end = 0;
  for (const match of text.matchAll(ASSIGNMENT)) {
    const [whole, name, sign] = match as unknown as [string, string, string];
    const start = match.index + whole.length;
    if (match.index < end || !assignsSecret(name, sign, text[match.index - 1], text[start]))
      continue;
    VALUE.lastIndex = start;
    const value = VALUE.exec(text)?.[0];
    if (value === undefined || value.startsWith(REDACTED)) continue;
    // The quotes of JSON stay, so that it can be read.
    const quote = isQuoted(sign) ? value[0] : "";
    told += `${text.slice(end, start)}${quote}${REDACTED}${quote}`;
    end = start + value.length;
  }
  return told + text.slice(end);
}

function assignsSecret(
  name: string,
  sign: string,
  before: string | undefined,
  value: string | undefined,
): boolean {
  if (sign.includes("=")) return holdsSecret(name) || (isQuery(before) && SIGNATURE.test(name));
  if (isQuoted(sign) && sign.includes(":")) return name === "auth" || holdsSecret(name);
  // What is named by several, or has names of its own, is a list or a map of them.
  if (sign.startsWith(":"))
    return !/[^s]s$/.test(name) && !/[[{]/.test(value ?? "") && holdsSecret(name);
  return name.startsWith("-") && holdsSecret(name);
}

const SIGNATURE = /^(?:sig|(?:.*-)?signature)$/i;

function isQuery(before: string | undefined): boolean {
  return before === "?" || before === "&";
}

function isQuoted(sign: string): boolean {
  return sign.startsWith('"') || sign.startsWith("'");
}

/**
 * A text without what stands before a host: `user:password@host`, `https://token@host`,
 * `token@registry/image`.
 *
 * @param isOpen whether a host may stand behind the text's end.
 */
function withoutUsers(text: string, isOpen: boolean): string {
  return text.replace(/\S+/g, (word, index: number) =>
    userless(word, isOpen && index + word.length === text.length),
  );
}

/** Where a user's name, or a token, may end. */
const STOP = /[/@:"']/g;
/** Before a token, besides quotes and slashes. */
const BEFORE = /[=,;(<[{|]/;
/** A number behind a host is a port: what comes after it is a path. */
const PASSWORD = /:(?!\/\/)(?!\d{1,5}(?:[/?#]|$))/y;
/** The sign also parts an image from its digest. */
const DIGEST = /@sha(?:256|512):/y;
const IMAGE = /@[^/@]+\//y;
/** Who logs in by a key, or is written to. No token is that short and of letters alone. */
const LOGIN = /^[a-z]{1,10}(?:[._-][a-z]{1,10})?$/i;
/** What a colon parts from a name with an `@` in it, and no password. */
const RESOURCE = /^[au]rn$/;
const REALM = /^(?:oidc|saml|ldap|system|mailto|acct)$/;

/** A word without what stands before a host in it. Each part of it is looked at once. */
function userless(word: string, isOpen: boolean): string {
  const host = isOpen ? word.length : lastHost(word);
  if (host === -1) return word;
  let told = "";
  let end = 0;
  let part = 0;
  let url = -1;
  for (const { 0: sign, index: stop } of word.matchAll(STOP)) {
    if (stop > host) break;
    const start = sign === "@" && url !== -1 ? url : startOf(word, part, stop);
    if (sign === ":" && start !== -1 && hasPassword(word, part, stop, host)) {
      return `${told}${word.slice(end, start)}${REDACTED}${word.slice(host)}`;
    }
    const isToken = sign === "@" && start !== -1 && start < stop && !matchesAt(DIGEST, word, stop);
    if (isToken && (url !== -1 || isBeforeImage(word, part, stop))) {
      told += `${word.slice(end, start)}${REDACTED}`;
      end = stop;
    }
    part = stop + 1;
    if (sign === "/") url = word.startsWith("://", stop - 2) ? part : -1;
    else if (sign === "@") url = -1;
  }
  return told + word.slice(end);
}

/** The last `@` that is not before a digest, or -1. */
function lastHost(word: string): number {
  let at = word.lastIndexOf("@");
  while (at > 0 && matchesAt(DIGEST, word, at)) at = word.lastIndexOf("@", at - 1);
  return at;
}

/** Where a user can begin in a part of a word that has no stop in it, or -1. */
function startOf(word: string, part: number, stop: number): number {
  if (part === 0 || !/[:@]/.test(word[part - 1]!)) return part;
  const before = word.slice(part, stop).search(BEFORE);
  return before === -1 ? -1 : part + before + 1;
}

function hasPassword(word: string, part: number, stop: number, host: number): boolean {
  if (stop >= host || !matchesAt(PASSWORD, word, stop)) return false;
  const user = lastOf(word.slice(part, stop));
  return !RESOURCE.test(user) && !(REALM.test(user) && !/[/:]/.test(word.slice(host)));
}

function isBeforeImage(word: string, part: number, stop: number): boolean {
  return matchesAt(IMAGE, word, stop) && !LOGIN.test(lastOf(word.slice(part, stop)));
}

/** What stands behind the last sign that a user or a token can follow. */
function lastOf(part: string): string {
  return part.split(BEFORE).at(-1)!;
}

function matchesAt(pattern: RegExp, text: string, index: number): boolean {
  pattern.lastIndex = index;
  return pattern.test(text);
}

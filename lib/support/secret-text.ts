import { REDACTED } from "./secret";

/**
 * What secrets look like from outside, by the marks that their makers gave them: a private key, a
 * JSON Web Token, tokens of Vault, GitHub, GitLab, Slack, Docker, npm, Google and AWS, a bootstrap or a
 * join token, what follows a scheme of HTTP.
 */
const TOKENS: readonly string[] = [
  "-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*",
  "\\beyJ[\\w-]{8,}\\.[\\w-]{8,}(?:\\.[\\w-]*){1,3}",
  "\\bhv[sbr]\\.[\\w-]{20,}",
  "\\bgh[pousr]_[A-Za-z0-9]{36,}",
  "\\bgithub_pat_\\w{22,}",
  "\\bglpat-[\\w-]{20,}",
  "\\bxox[abprs]-[\\w-]{10,}",
  "\\bdckr_(?:pat|oat)_[\\w-]{20,}",
  "\\bnpm_[A-Za-z0-9]{36,}",
  "\\bya29\\.[\\w-]{20,}",
  "\\bAIza[\\w-]{35,}",
  "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b",
  "^[a-z0-9]{6}\\.[a-z0-9]{16}$",
  "\\batomjoin1\\.[0-9a-f]{16}\\.[\\w-]{20,}",
  "\\b(?:[Bb]earer|[Bb]asic|BEARER|BASIC) [\\w+/=.~-]{16,}",
];

const TOKEN = new RegExp(TOKENS.join("|"));
const EVERY_TOKEN = new RegExp(TOKEN, "g");
const PASSWORD_IN_URL = /:\/\/[^/\s:@]*:[^/\s@]+@/;

/** Words that make a name one of a secret. */
export const SECRET_WORDS =
  "password|passwd|passphrase|token|secret|credential|authorization|api[-_]?key|access[-_]?key|private[-_]?key";

/** A number behind a host is a port: what comes after it is a path. */
const NO_PORT = "(?!\\d{1,5}(?:[/?#]|$))";
/** The sign also parts an image from its digest. */
const AT = "@(?!sha(?:256|512):)";
const USER_AND_PASSWORD = `[^\\s/@:"']*:(?!//)${NO_PORT}\\S*${AT}`;
const TOKEN_BEFORE_IMAGE = `(?!git@)[^\\s/@"']+${AT}(?=[^\\s/@]+/)`;

/** Where somebody names himself before a host, or a secret by its name, with what stands in its place. */
const CREDENTIALS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  // ?token=…, --password=…, DB_PASSWORD=…
  [
    new RegExp(`((?:${SECRET_WORDS})[\\w-]*=)(?!${REDACTED})(?:"[^"]*"?|'[^']*'?|[^\\s&]+)`, "gi"),
    `$1${REDACTED}`,
  ],
  // {"password":"…"}
  [
    new RegExp(`((?:${SECRET_WORDS})[\\w-]*["']\\s*:\\s*)"(?:[^"\\\\]+|\\\\.)*"?`, "gi"),
    `$1"${REDACTED}"`,
  ],
  // https://user:password@host, https://token@host
  [new RegExp(`(://)(?:${USER_AND_PASSWORD}|[^\\s/@]+${AT})`, "g"), `$1${REDACTED}@`],
  // user:password@registry/image, token@registry/image
  [
    new RegExp(`(^|[\\s"'/=,;(<[{|])(?:${USER_AND_PASSWORD}|${TOKEN_BEFORE_IMAGE})`, "g"),
    `$1${REDACTED}@`,
  ],
];

/** Whether there can be anything to take out: most texts are told here. */
const SUSPICIOUS = new RegExp(`[@=]|["']\\s*:|${TOKEN.source}`);
/** What is longer is cut: patterns take their time, and no report shows as much. */
const LONGEST = 8_192;

/** Whether a text bears the mark of a secret. A text without one may be one all the same. */
export function looksSecret(text: string): boolean {
  return TOKEN.test(text) || PASSWORD_IN_URL.test(text);
}

/**
 * A text without what looks like a secret in it: users and passwords before a host, what is assigned to a
 * name such as `password`, and tokens by their makers' marks.
 */
export function withoutSecrets(text: string): string {
  const whole = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  if (!SUSPICIOUS.test(whole)) return whole;
  let told = whole;
  for (const [pattern, instead] of CREDENTIALS) told = told.replace(pattern, instead);
  return told.replace(EVERY_TOKEN, REDACTED);
}

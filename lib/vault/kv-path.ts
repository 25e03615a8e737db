const LONGEST = 2048;

/**
 * Why a text cannot be a path in a KV mount; undefined if it can. It is wider than what a fleet may
 * declare: other people's names are read, too. Refused is what a URL or Vault would read as something
 * else: empty, `.` and `..` segments, control characters and halves of surrogate pairs.
 */
export function kvPathProblem(path: string): string | undefined {
  if (path.length > LONGEST) return `has ${path.length} characters; at most ${LONGEST} are allowed`;
  if (/[\p{Cc}\p{Cs}]/u.test(path)) return "holds a control character or half a surrogate pair";
  return path.split("/").every((segment) => !["", ".", ".."].includes(segment))
    ? undefined
    : "has an empty segment or one that is '.' or '..'";
}

/** `a/b` in a URL: each segment encoded, the slashes kept. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Why something failed, in words that are the same each time and hold no path of a temporary file. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown failure";
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code !== undefined && syscall !== undefined ? `${code} during ${syscall}` : error.message;
}

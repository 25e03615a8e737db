const BLOCK = /^\s*-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=:,.\-\s]*?-----END \1-----\s*$/;

/** The label of a text that is exactly one PEM block (RFC 7468), such as `PUBLIC KEY`. */
export function pemLabel(pem: string): string | undefined {
  if (pem.split("-----BEGIN ").length !== 2) return undefined;
  return BLOCK.exec(pem)?.[1];
}

/** What a text is, for a message: its label, and nothing of its content. */
export function describePem(pem: string): string {
  const label = pemLabel(pem);
  return label === undefined ? "is not one PEM block" : `is a PEM block ${label}`;
}

/** The bytes of a text that is one PEM block without headers. */
export function pemContent(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----(BEGIN|END) [A-Z0-9 ]+-----/g, ""), "base64");
}

/** Bytes as a PEM block, 64 characters a line. */
export function toPem(label: string, content: Uint8Array): string {
  const lines = Buffer.from(content)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

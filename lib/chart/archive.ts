import { gzipSync } from "node:zlib";

const BLOCK = 512;

/** A file of an archive. */
interface File {
  readonly name: string;
  readonly text: string;
}

/**
 * Files as a gzipped tar that is the same bytes on every machine: no times, no owners, and stored instead
 * of compressed, because versions of zlib compress differently.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; RFC 1952.
 *
 * @throws RangeError if a name has more than 100 bytes.
 */
export function packFiles(files: readonly File[]): Buffer {
  const entries = files.flatMap(({ name, text }) => {
    const bytes = Buffer.from(text, "utf8");
    return [header(name, bytes.length), bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))];
  });
  const archive = gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]), { level: 0 });
  archive[OPERATING_SYSTEM] = UNKNOWN;
  return archive;
}

/** Where gzip says on what it was made. */
const OPERATING_SYSTEM = 9;
const UNKNOWN = 255;

function header(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`${name}: at most 100 bytes fit`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  block.write(name, 0);
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  // The checksum is taken with blanks in its own place.
  block.write(" ".repeat(8), 148);
  // An ordinary file.
  block.write("0", 156);
  block.write("ustar\x0000", 257);
  block.write(
    octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  return block;
}

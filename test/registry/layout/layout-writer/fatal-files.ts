/**
 * Loaded into a writer before anything else: lets the first `CUT` file operations through and kills the
 * process at the next one. A write that is cut is torn: half of it is in the file.
 */
export const FATAL_FILES = `
const fs = require("node:fs");
let left = Number(process.env.CUT);
function cut(half) {
  if (left-- !== 0) return;
  half?.();
  process.kill(process.pid, "SIGKILL");
  for (;;);
}
const half = (bytes) => bytes.subarray(0, bytes.length >> 1);
for (const name of ["mkdirSync", "openSync", "fsyncSync", "closeSync", "renameSync", "linkSync", "rmSync"]) {
  const original = fs[name];
  fs[name] = (...args) => (cut(), original(...args));
}
const { writeSync, writeFileSync } = fs;
fs.writeSync = (fd, bytes, ...more) => (cut(() => writeSync(fd, half(bytes))), writeSync(fd, bytes, ...more));
fs.writeFileSync = (fd, text) => (cut(() => writeSync(fd, half(Buffer.from(text)))), writeFileSync(fd, text));
for (const name of ["mkdir", "rename", "rm", "unlink"]) {
  const original = fs.promises[name];
  fs.promises[name] = (...args) => (cut(), original(...args));
}
const { open } = fs.promises;
fs.promises.open = async (...args) => {
  cut();
  const file = await open(...args);
  for (const name of ["sync", "close"]) {
    const original = file[name].bind(file);
    file[name] = () => (cut(), original());
  }
  const writeFile = file.writeFile.bind(file);
  file.writeFile = (bytes) => (cut(() => fs.writeSync(file.fd, half(bytes))), writeFile(bytes));
  return file;
};
`;

#!/usr/bin/env node
import { runCommandLine } from "./run";
import { EXIT, outliveReader } from "./terminal";

outliveReader(process.stdout, (code) => {
  const mend = "see that there is room and that this user may write there";
  process.stderr.write(`atom: standard output cannot be written (${code}); ${mend}\n`);
  process.exit(EXIT.usage);
});
// There is nowhere left to say so.
outliveReader(process.stderr, () => process.exit(EXIT.usage));
void runCommandLine(process.argv, {
  out: (text) => void process.stdout.write(text),
  flushed: () => new Promise((resolve) => process.stdout.write("", () => resolve())),
  error: (text) => void process.stderr.write(text),
  // A dumb one knows no moves of the cursor.
  terminal: process.stdout.isTTY === true && process.env["TERM"] !== "dumb",
  environment: process.env,
}).then((code) => {
  process.exitCode = code;
  // What an interrupted verb was waiting for would keep the process alive.
  if (code === EXIT.interrupted || code === EXIT.terminated) process.exit();
});

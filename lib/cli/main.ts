#!/usr/bin/env node
import { runCommandLine } from "./run";
import { EXIT, outliveReader } from "./terminal";

for (const stream of [process.stdout, process.stderr]) outliveReader(stream);
void runCommandLine(process.argv, {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  terminal: process.stdout.isTTY === true,
  environment: process.env,
}).then((code) => {
  process.exitCode = code;
  // What an interrupted verb was waiting for would keep the process alive.
  if (code === EXIT.interrupted || code === EXIT.terminated) process.exit();
});

import { runToolchain } from "./command";

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => controller.abort());
}

void runToolchain(process.argv.slice(2), {
  environment: process.env,
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  signal: controller.signal,
}).then((code) => {
  process.exitCode = code;
});

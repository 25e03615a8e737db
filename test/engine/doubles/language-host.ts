/**
 * A DOUBLE of `pulumi-language-nodejs`, which comes with Pulumi's own install only. It starts a
 * program or a policy pack with the Pulumi SDK of its own folder and the `node` of PATH, with the
 * arguments and environment of the genuine host (pulumi/pulumi,
 * sdk/nodejs/cmd/pulumi-language-nodejs/main.go).
 *
 * It does not prove that the genuine host of a release works with a program. It installs no
 * dependencies, names no required plugins, knows no debugger, tracing, bun or pinned Node, does not
 * recognise a heap that ran out, and gives a policy pack no stack configuration while it loads.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
  AboutResponse,
  GetRequiredPackagesResponse,
  GetRequiredPluginsResponse,
  RunPluginResponse,
  RunResponse,
} from "@pulumi/pulumi/proto/language_pb";
import type {
  InstallDependenciesRequest,
  InstallDependenciesResponse,
  ProgramInfo,
  RunPluginRequest,
  RunRequest,
} from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { shellWords } from "../../../lib/topology/shell-words";
import { engineAddress, messageOf, servePlugin, startChild, unary } from "./plugin-process";

/** The SDK's exit code for an error that it has shown already. */
const SHOWN_ALREADY = 32;
/** Milliseconds that a cancelled program has before it is killed. */
const CANCEL_GRACE = 5_000;

const runningPrograms = new Set<() => void>();

async function run(request: RunRequest): Promise<RunResponse> {
  const response = new RunResponse();
  try {
    const code = await runProgram(request);
    if (code === SHOWN_ALREADY) response.setBail(true);
    else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
  } catch (error) {
    response.setError(messageOf(error));
  }
  return response;
}

/** @returns its exit code, -1 if a signal ended it. */
async function runProgram(request: RunRequest): Promise<number> {
  const info = request.getInfo()!;
  const options = programOptions(info);
  const argv = [
    ...options.nodeArguments,
    locateSdk("@pulumi/pulumi/cmd/run", info, "pulumi install"),
    ...flag("monitor", request.getMonitorAddress()),
    ...flag("engine", engineAddress()),
    ...flag("organization", request.getOrganization()),
    ...flag("project", request.getProject()),
    ...flag("root-directory", info.getRootDirectory()),
    ...flag("stack", request.getStack()),
    ...flag("pwd", info.getProgramDirectory()),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    ...flag("parallel", `${request.getParallel()}`),
    info.getEntryPoint(),
    ...request.getArgsList(),
  ];
  const program = startChild("node", argv, {
    env: {
      ...process.env,
      ...options.environment,
      PULUMI_CONFIG: JSON.stringify(configOf(request)),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
    // What the program prints is the host's own output; the engine shows it.
    stdio: ["ignore", "inherit", "inherit"],
  });
  const interrupt = (): void => {
    program.kill("SIGINT");
    setTimeout(() => program.kill("SIGKILL"), CANCEL_GRACE).unref();
  };
  runningPrograms.add(interrupt);
  return new Promise<number>((resolve, reject) => {
    program.once("error", (error) => reject(new Error(`could not start node: ${error.message}`)));
    program.once("close", (code) => resolve(code ?? -1));
  }).finally(() => runningPrograms.delete(interrupt));
}

/** Runs a policy pack or another plugin written in Node, and streams what it prints. */
function runPlugin(call: ServerWritableStream<RunPluginRequest, RunPluginResponse>): void {
  const { request } = call;
  const fail = (message: string): void => {
    call.emit("error", { code: status.UNKNOWN, details: message });
  };
  try {
    const plugin = startPlugin(request);
    call.once("cancelled", () => plugin.kill("SIGKILL"));
    plugin.stdout!.on("data", (bytes: Buffer) => {
      const response = new RunPluginResponse();
      response.setStdout(bytes);
      call.write(response);
    });
    plugin.stderr!.on("data", (bytes: Buffer) => {
      const response = new RunPluginResponse();
      response.setStderr(bytes);
      call.write(response);
    });
    plugin.once("error", (error) => fail(`could not start node: ${error.message}`));
    plugin.once("close", (code) => {
      if (code === 0) call.end();
      else fail(`Program exited with non-zero exit code: ${code ?? -1}`);
    });
  } catch (error) {
    fail(messageOf(error));
  }
}

function startPlugin(request: RunPluginRequest) {
  const info = request.getInfo()!;
  const folder = info.getProgramDirectory();
  const isPolicyPack = request.getKind() === "analyzer";
  const runner = isPolicyPack
    ? "@pulumi/pulumi/cmd/run-policy-pack"
    : "@pulumi/pulumi/cmd/run-plugin";
  return startChild(
    "node",
    [
      locateSdk(runner, info, `npm install in ${folder}`),
      ...(isPolicyPack ? [...request.getArgsList(), folder] : [folder, ...request.getArgsList()]),
    ],
    {
      cwd: isPolicyPack ? folder : request.getPwd(),
      env: { ...environmentFrom(request.getEnvList()), ...programOptions(info).environment },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
}

/** The SDK that the program itself would load, whatever its version. */
function locateSdk(module: string, info: ProgramInfo, remedy: string): string {
  try {
    return createRequire(join(info.getProgramDirectory(), "program.js")).resolve(module);
  } catch {
    throw new Error(`It looks like the Pulumi SDK has not been installed. Have you run ${remedy}?`);
  }
}

interface ProgramOptions {
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** `runtime.options` of Pulumi.yaml: `typescript` (default true), `tsconfig` and `nodeargs`. */
function programOptions(info: ProgramInfo): ProgramOptions {
  const { typescript, tsconfig, nodeargs } = info.getOptions()?.toJavaScript() ?? {};
  return {
    nodeArguments: typeof nodeargs === "string" ? shellWords(nodeargs) : [],
    environment: {
      ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
      ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
    },
  };
}

/** `project:name` in the older form `project:config:name`, which every version of the SDK reads. */
function configOf(request: RunRequest): Record<string, string> {
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => {
    const [namespace, ...name] = key.split(":");
    config[`${namespace}:config:${name.join(":")}`] = value;
  });
  return config;
}

function flag(name: string, value: string): string[] {
  return value === "" ? [] : [`--${name}`, value];
}

function environmentFrom(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = ""] = line.split("=", 1);
      return [name, line.slice(name.length + 1)];
    }),
  );
}

function cancel(): Empty {
  for (const interrupt of runningPrograms) interrupt();
  return new Empty();
}

/** `pulumi install` is the user's own package manager's work. */
function installDependencies(
  call: ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>,
): void {
  const details = "this DOUBLE installs no dependencies: run npm install";
  call.emit("error", { code: status.UNIMPLEMENTED, details });
}

void servePlugin(LanguageRuntimeService, {
  getPluginInfo: unary(() => new PluginInfo()),
  getRequiredPackages: unary(() => new GetRequiredPackagesResponse()),
  getRequiredPlugins: unary(() => new GetRequiredPluginsResponse()),
  about: unary(() => new AboutResponse()),
  installDependencies,
  run: unary(run),
  runPlugin,
  cancel: unary(cancel),
});

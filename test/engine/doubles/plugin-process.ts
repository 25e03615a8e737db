import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { fstatSync } from "node:fs";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import type {
  handleUnaryCall,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";

/**
 * What the doubles of Pulumi's plugins share: a gRPC server on a free loopback port that is printed
 * for the engine, and an end that leaves no process behind. How an engine starts, talks to and ends
 * a plugin is pulumi/pulumi's pkg/resource/plugin/plugin.go.
 */
export async function servePlugin(
  service: ServiceDefinition,
  implementation: UntypedServiceImplementation,
): Promise<void> {
  restoreNodeOptions();
  endWithEngine();
  const server = new Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(service, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  process.stdout.write(`${port}\n`);
}

/** Where the engine listens, `host:port`: the last argument of every plugin. */
export function engineAddress(): string {
  return process.argv.at(-1) ?? "";
}

/** A method that answers once; what it throws is the call's error, by its message only. */
export function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    void Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => callback(null, response),
        // The code that a Go plugin's plain error has: the engine keeps the operation as pending.
        (error: unknown) => callback({ code: status.UNKNOWN, details: messageOf(error) }),
      );
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const children = new Set<ChildProcess>();
const groupLeaders = new WeakSet<ChildProcess>();

/**
 * Starts a process that ends no later than this one. With `detached` it leads a process group of its
 * own, and what it starts ends with it.
 */
export function startChild(
  command: string,
  argv: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(command, argv, options);
  children.add(child);
  if (options.detached) groupLeaders.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

export function killChild(child: ChildProcess): void {
  if (groupLeaders.has(child)) killGroup(child.pid);
  else child.kill("SIGKILL");
}

/**
 * The installed executable keeps NODE_OPTIONS from the double, which runs on a Node of its own, and
 * hands them on for what it starts.
 */
function restoreNodeOptions(): void {
  const { DOUBLE_NODE_OPTIONS: options } = process.env;
  delete process.env["DOUBLE_NODE_OPTIONS"];
  if (options === undefined || options === "") delete process.env["NODE_OPTIONS"];
  else process.env["NODE_OPTIONS"] = options;
}

/**
 * The engine ends a plugin with SIGINT to its process group. An engine that was killed cannot, but
 * the pipe that it held to this process' standard input closes.
 */
function endWithEngine(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) {
    process.stdin.once("close", end).once("error", end).resume();
  }
}

/** Ends this process and all that it started, however they take signals. */
function end(): void {
  for (const child of children) killChild(child);
  // The engine made this process the leader of a group, so this is the end unless somebody else started it.
  killGroup(process.pid);
  process.exit(0);
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, "SIGKILL");
  } catch {
    // There is no such group any more, or never was.
  }
}

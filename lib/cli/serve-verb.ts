import { once } from "node:events";
import { pino } from "pino";
import { DaemonHost } from "../daemons/daemon-host";
import { DaemonMetrics } from "../daemons/daemon-metrics";
import { fleetDaemons } from "../daemons/fleet-daemons";
import { serveDaemons } from "../daemons/http-server";
import type { RunningServer } from "../daemons/http-server";
import { LivePolicies } from "../daemons/live-policies";
import { MirrorMetrics } from "../daemons/mirror-metrics";
import { PolicyMetrics } from "../daemons/policy-metrics";
import { readFleet } from "../fleet/read-fleet";
import { refuseUnderSimulation } from "../fleet/simulation-mode";
import { scanTargets } from "../monitor/scan-target";
import type { DaemonName } from "../platform/daemon";
import { Problems, UsageError } from "../support/problem";
import { Redactor } from "../support/redactor";
import { Secret } from "../support/secret";
import type { CommandContext } from "./command-context";
import { registries } from "./registries";
import { readSigningKey } from "./signing-key";
import type { Terminal } from "./terminal";
import { vaultToken } from "./vault-token";

/** What `atom serve` takes. */
export interface ServeOptions {
  readonly only?: readonly DaemonName[];
  readonly fleet: string;
  readonly host: string;
  readonly port: number;
  readonly interval: number;
  /** Whether the mirror's daemon copies and signs what is missing. */
  readonly syncMirror?: true;
  /** Whether the policy monitor looks at the clusters instead of the plan. */
  readonly live?: true;
  /** Of the fleet's clusters, the one to scan. */
  readonly cluster?: string;
  readonly context?: string;
  /** Address of a Vault to scan, too. */
  readonly vault?: string;
  /** Folder to write the audit below. @default "." */
  readonly reports?: string;
}

/** Values that no line of the log may hold. */
const SECRET_VARIABLES = [
  "VAULT_PRIMARY_TOKEN",
  "VAULT_SECONDARY_TOKEN",
  "ATOM_REGISTRY_PASSWORD",
  "COSIGN_PASSWORD",
  "VAULT_TOKEN",
];

/** Runs daemons until the signal comes. */
export async function serve(
  { terminal, signal }: CommandContext,
  options: ServeOptions,
): Promise<void> {
  const { environment } = terminal;
  if (options.syncMirror) refuseUnderSimulation(environment, "atom serve --sync-mirror");
  refuseUnheeded(options);
  // Read once here, so that a fleet file that is wrong ends the command; each pass reads it again.
  const loaded = readFleet(options.fleet, environment);
  if (options.live) scanTargets(options, loaded.fleet);
  if (options.syncMirror) readSigningKey(environment, loaded);
  const metrics = new DaemonMetrics();
  const daemons = fleetDaemons({
    load: () => readFleet(options.fleet, environment),
    environment,
    sourceOf: (target) => registries(environment, target),
    metrics: new MirrorMetrics(metrics.registry),
    readKey: options.syncMirror ? (fleet) => readSigningKey(environment, fleet) : undefined,
    livePolicies: options.live ? livePolicies(options, environment, metrics) : undefined,
  });
  const chosen = daemons.filter(({ name }) => options.only?.some((only) => only === name) ?? true);
  const host = new DaemonHost(chosen, logger(terminal), metrics);
  const server = await listen(host, options);
  terminal.out(`listening on http://${server.host}:${server.port}\n`);
  try {
    host.start(options.interval);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    host.stop();
    await server.close();
  }
}

/** What nobody would look at is a mistake: who typed it expects something of it. */
function refuseUnheeded({ only, live, syncMirror, ...options }: ServeOptions): void {
  const problems = new Problems();
  const runs = (name: DaemonName) => only === undefined || only.includes(name);
  if (syncMirror && !runs("mirror"))
    problems.add("--sync-mirror", UNHEEDED, "add mirror to --only");
  if (live && !runs("policy-monitor")) {
    problems.add("--live", UNHEEDED, "add policy-monitor to --only");
  }
  for (const name of ["cluster", "context", "vault", "reports"] as const) {
    if (!live && options[name] !== undefined) problems.add(`--${name}`, UNHEEDED, "add --live");
  }
  problems.throwIfAny("options");
}

const UNHEEDED = "is of no use to the daemons that run";

function livePolicies(
  { cluster, context, vault, reports = "." }: ServeOptions,
  environment: Terminal["environment"],
  { registry }: DaemonMetrics,
): LivePolicies {
  return new LivePolicies({
    cluster,
    context,
    vault: vault === undefined ? undefined : { address: vault, token: vaultToken(environment) },
    folder: reports,
    metrics: new PolicyMetrics(registry),
  });
}

async function listen(host: DaemonHost, options: ServeOptions): Promise<RunningServer> {
  try {
    return await serveDaemons(host, { host: options.host, port: options.port, exact: true });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || (syscall !== "listen" && syscall !== "getaddrinfo")) throw error;
    const mend = "choose another with --host and --port";
    throw new UsageError("server", [
      { path: `${options.host}:${options.port}`, message: `cannot be listened on (${code})`, mend },
    ]);
  }
}

/** Pino's JSON lines on standard error, every known secret taken out. */
function logger(terminal: Terminal) {
  const redactor = new Redactor();
  for (const name of SECRET_VARIABLES) {
    const value = terminal.environment[name];
    if (value !== undefined) redactor.add(Secret.of(value));
  }
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => terminal.error(redactor.redact(line)) },
  );
}

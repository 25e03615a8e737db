import { setInterval } from "node:timers";
import { gzipSync } from "node:zlib";
import type { RegistryFailure } from "../../../lib/registry/registry-error";
import { end } from "../../doubles/registry-double";
import type { Fault, ProxiedExchange } from "./fault-proxy";

/** How a copy ends: `copied`, or with a failure of this kind. */
export type Ending = "copied" | RegistryFailure;

export interface NamedFault {
  readonly name: string;
  readonly fault: Fault;
  /** How a copy ends if every request meets it. */
  readonly always: Ending;
  /** How it ends if the first two requests do. @default copied */
  readonly twice?: Ending;
}

const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  ({ response }) =>
    end(response, code, headers);

/** R1, R2 and the part of R3 that can happen to any request. */
export const FAULTS: readonly NamedFault[] = [
  ...[500, 502, 503, 504].map((code) => ({
    name: `R1 ${code}`,
    fault: status(code),
    always: "unreachable" as const,
  })),
  { name: "R2 429", fault: status(429), always: "unreachable" },
  {
    name: "R2 429 with Retry-After",
    fault: status(429, { "retry-after": "3" }),
    always: "unreachable",
  },
  {
    name: "R3 a reset connection",
    fault: ({ request }) => void request.socket.destroy(),
    always: "unreachable",
  },
];

/** R3 and R4: what can happen to a body. Only what breaks off can be taken up again. */
export const BODY_FAULTS: readonly NamedFault[] = [
  {
    name: "R3 a body that breaks off",
    fault: (exchange) => cut(exchange),
    always: "unreachable",
  },
  {
    name: "R3 a body that is shorter, with a length that says so",
    fault: changedBody((body) => body.subarray(0, body.length >> 1)),
    always: "corrupt",
    twice: "corrupt",
  },
  {
    name: "R3 an empty body",
    fault: changedBody(() => Buffer.alloc(0)),
    always: "corrupt",
    twice: "corrupt",
  },
  {
    name: "R3 a body that is longer",
    fault: changedBody((body) => Buffer.concat([body, Buffer.from(" ")])),
    always: "corrupt",
    twice: "corrupt",
  },
  {
    name: "R4 other bytes of the same length",
    fault: changedBody((body) => Buffer.alloc(body.length, " ")),
    always: "corrupt",
    twice: "corrupt",
  },
  {
    name: "R3 a compressed body",
    fault: changedBody((body) => gzipSync(body), { "content-encoding": "gzip" }),
    always: "corrupt",
    twice: "corrupt",
  },
  {
    name: "R3 a body that is said to be compressed and is not",
    fault: changedBody((body) => body, { "content-encoding": "gzip" }),
    always: "copied",
  },
  {
    name: "R3 a body by the drop",
    fault: (exchange) => drip(exchange),
    always: "unreachable",
  },
];

function changedBody(
  change: (body: Buffer) => Buffer,
  headers: Readonly<Record<string, string>> = {},
): Fault {
  return ({ forward }) =>
    forward((answer) => {
      const body = change(answer.body);
      const length = { "content-length": String(body.length) };
      return { ...answer, headers: { ...answer.headers, ...headers, ...length }, body };
    });
}

/** Half of what is announced, and then the end of the connection. */
function cut({ response, forward }: ProxiedExchange): Promise<void> {
  return forward(({ status: code, headers, body }) => {
    response.writeHead(code, headers);
    response.write(body.subarray(0, body.length >> 1), () => response.destroy());
    return undefined;
  });
}

/** A byte each few milliseconds. */
function drip({ response, forward }: ProxiedExchange): Promise<void> {
  return forward(({ status: code, headers, body }) => {
    response.writeHead(code, headers);
    let at = 0;
    const timer = setInterval(() => response.write(body.subarray(at, (at += 1))), 20);
    response.once("close", () => clearInterval(timer));
    return undefined;
  });
}

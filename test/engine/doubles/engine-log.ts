import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { engineAddress } from "./plugin-process";

let client: EngineClient | undefined;

/** Shows a line beside a resource while its operation runs; it is not kept in the output. */
export function logStatus(urn: string, line: string): Promise<void> {
  client ??= new EngineClient(engineAddress(), credentials.createInsecure());
  const request = new LogRequest();
  request.setSeverity(LogSeverity.INFO);
  request.setMessage(line);
  request.setUrn(urn);
  request.setEphemeral(true);
  // A line that is not shown is no reason for an operation to fail.
  return new Promise((resolve) => client!.log(request, () => resolve()));
}

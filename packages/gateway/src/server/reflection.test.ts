import { once } from "node:events";
import { credentials, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ServerReflectionClient, type ServerReflectionRequest } from "../grpc.ts";
import { BridgeBench } from "../testing/bridge-bench.ts";

type Question = NonNullable<ServerReflectionRequest["messageRequest"]>;

let bench: BridgeBench;
let client: InstanceType<typeof ServerReflectionClient>;

beforeEach(async () => {
  bench = new BridgeBench();
  await bench.serve({ socketPath: bench.socketPath });
  client = new ServerReflectionClient(bench.address, credentials.createInsecure());
});

afterEach(async () => {
  client.close();
  await bench[Symbol.asyncDispose]();
});

async function ask(messageRequest: Question | undefined) {
  const call = client.serverReflectionInfo();
  call.write({ host: "", messageRequest });
  const [{ messageResponse }] = await once(call, "data");
  const ended = once(call, "end");
  call.end();
  await ended;
  return messageResponse;
}

it.each([
  "snakepit.bridge.v1.BridgeService",
  "snakepit.bridge.v1.BridgeService.Ping",
  "snakepit.bridge.v1.PingRequest.message",
  "grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING",
])("the files of the symbol %s are returned", async (value) => {
  const { $case, value: answer } = await ask({ $case: "fileContainingSymbol", value });
  expect($case).toBe("fileDescriptorResponse");
  expect(answer.fileDescriptorProto.length).toBeGreaterThan(0);
});

it.each<Question>([
  { $case: "fileContainingSymbol", value: "snakepit.bridge.v1.BridgeService.Nothing" },
  { $case: "fileContainingSymbol", value: "" },
  { $case: "fileByFilename", value: "nothing.proto" },
  { $case: "allExtensionNumbersOfType", value: "nothing" },
  { $case: "fileContainingExtension", value: { containingType: "snakepit.bridge.v1.PingRequest", extensionNumber: 7 } },
])("an unknown name is not found: %j", async (question) => {
  expect(await ask(question)).toMatchObject({ $case: "errorResponse", value: { errorCode: status.NOT_FOUND } });
});

it("an empty request is not implemented", async () => {
  expect(await ask(undefined)).toMatchObject({ value: { errorCode: status.UNIMPLEMENTED } });
});

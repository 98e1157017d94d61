import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BridgeServiceService } from "../grpc.ts";
import { BridgeBench } from "../testing/bridge-bench.ts";

/** Bytes that no message begins with: a field that is longer than the message. */
const MALFORMED = Buffer.from([0x0a, 0x7f]);

const asIs = (bytes: Buffer) => bytes;

describe("a request whose bytes are not a message", () => {
  let bench: BridgeBench;

  beforeEach(async () => {
    bench = new BridgeBench();
    await bench.serve();
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  function statusOf(method: "executeTool" | "executeStreamingTool" | "offerTools"): Promise<StatusObject> {
    const { path, requestStream, responseStream } = BridgeServiceService[method];
    const client = bench.connect();
    const metadata = new Metadata();
    return new Promise((resolve) => {
      if (!responseStream) {
        client.makeUnaryRequest(path, asIs, asIs, MALFORMED, metadata, () => {}).once("status", resolve);
        return;
      }
      if (!requestStream) {
        const stream = client.makeServerStreamRequest(path, asIs, asIs, MALFORMED, metadata);
        stream
          .on("error", () => {})
          .on("data", () => {})
          .once("status", resolve);
        return;
      }
      const stream = client.makeBidiStreamRequest(path, asIs, asIs, metadata);
      stream
        .on("error", () => {})
        .on("data", () => {})
        .once("status", resolve);
      stream.write(MALFORMED);
    });
  }

  it.each(["executeTool", "executeStreamingTool", "offerTools"] as const)(
    "ends %s with INVALID_ARGUMENT and the reason, and the host continues",
    async (method) => {
      const { code, details, metadata } = await statusOf(method);
      expect(code).toBe(status.INVALID_ARGUMENT);
      expect(details).toMatch(/^a request of \S+ must be a message of that method; got 2 bytes: \S/);
      expect(metadata.get("snakepit-code")).toEqual(["INVALID_ARGUMENT"]);
      expect(await bench.call("ping", { message: "still here" })).toMatchObject({ message: "still here" });
    },
  );
});

import { chmodSync } from "node:fs";
import { Server, type ServerDuplexStream } from "@grpc/grpc-js";
import { WorkerLinkService } from "@snakepit/bridge-proto/grpc";
import { toSnakepitError } from "@snakepit/core";
import type { BatchDecoder } from "../transports/batch-decoder.ts";
import type { FrameTransport } from "../transports/frame-transport.ts";
import { GrpcTransport } from "../transports/grpc-transport.ts";
import { bindToUnixSocket } from "../transports/grpc-unix-server.ts";
import { MAX_HELLO_BYTES, maxRecordBytes, RECORD_MARGIN_BYTES } from "../transports/record-limits.ts";

/** A gRPC server for workers. */
export interface GrpcListener {
  /**
   * Serves on a unix socket that only this user can open, in a directory that only this user can enter, in addition to those
   * before.
   *
   * @throws SnakepitError `INVALID_CONFIG` when it cannot listen there.
   */
  listen(path: string): Promise<void>;
  /** Ends it and every connection at once. */
  close(): void;
}

const asIs = (message: Buffer): Buffer => message;

/**
 * A server of `WorkerLink`, which listens nowhere yet.
 */
export function createGrpcListener(
  maxPayloadBytes: number,
  decodeFirst: () => BatchDecoder,
  accept: (transport: FrameTransport) => void,
): GrpcListener {
  const server = new Server({
    // Above the limit of the transport, which can report what is wrong; gRPC just ends the stream.
    "grpc.max_receive_message_length": maxRecordBytes(maxPayloadBytes) + RECORD_MARGIN_BYTES,
    "grpc.max_send_message_length": -1,
  });
  const attach = {
    ...WorkerLinkService.attach,
    requestDeserialize: asIs,
    requestSerialize: asIs,
    responseDeserialize: asIs,
    responseSerialize: asIs,
  };
  server.addService(
    { attach },
    {
      attach: (stream: ServerDuplexStream<Buffer, Buffer>) =>
        accept(new GrpcTransport(stream, MAX_HELLO_BYTES, decodeFirst())),
    },
  );
  return {
    async listen(path) {
      try {
        await bindToUnixSocket(server, path);
        chmodSync(path, 0o600);
      } catch (thrown) {
        throw toSnakepitError(thrown, "INVALID_CONFIG", `cannot serve gRPC on ${path}`);
      }
    },
    close: () => server.forceShutdown(),
  };
}

import { chmodSync } from "node:fs";
import type { MethodDefinition, Server, ServerDuplexStream } from "@grpc/grpc-js";
import { partError, toSnakepitError } from "@snakepit/core";
import {
  type FrameTransport,
  MAX_HELLO_BYTES,
  maxRecordBytes,
  RECORD_MARGIN_BYTES,
} from "../transports/frame-transport.ts";
import { GrpcTransport } from "../transports/grpc-transport.ts";
import type { BatchDecoder } from "../transports/incoming-batch.ts";

/** A gRPC server for workers. */
export interface GrpcListener {
  /**
   * Listens on a Unix socket that only this user can open, in a directory that only this user can enter. Previous
   * sockets remain open.
   *
   * @throws SnakepitError `INVALID_CONFIG` if it cannot listen there.
   */
  listen(path: string): Promise<void>;
  /** Closes the server and all connections immediately. */
  close(): void;
}

const asIs = (message: Buffer): Buffer => message;

/**
 * The method `Attach` of `snakepit.bridge.v1.WorkerLink`, with encoded messages. Hosts serve no other method to
 * workers, so the generated service is not needed.
 */
export const WORKER_LINK_ATTACH: MethodDefinition<Buffer, Buffer> = {
  path: "/snakepit.bridge.v1.WorkerLink/Attach",
  requestStream: true,
  responseStream: true,
  requestDeserialize: asIs,
  requestSerialize: asIs,
  responseDeserialize: asIs,
  responseSerialize: asIs,
};

/** gRPC, an optional package: only pools with the transport `grpc` need it. */
type Grpc = typeof import("@grpc/grpc-js");

/**
 * Loads gRPC.
 *
 * @throws SnakepitError `UNSUPPORTED_PLATFORM` if it is not installed, or a bundle prevents the import.
 */
export async function loadGrpc(): Promise<Grpc> {
  // Bundlers accept that the package is missing only inside of a try statement.
  try {
    return await import("@grpc/grpc-js");
  } catch (thrown) {
    throw partError("the gRPC transport", thrown, "@grpc/grpc-js");
  }
}

/**
 * Creates a server of `WorkerLink`. It does not listen yet.
 *
 * @param decodeFirst creates the decoder for the batches of an unauthenticated peer.
 * @param accept called with each connection.
 */
export function createGrpcListener(
  grpc: Grpc,
  maxPayloadBytes: number,
  decodeFirst: () => BatchDecoder,
  accept: (transport: FrameTransport) => void,
): GrpcListener {
  const server = new grpc.Server({
    // Greater than the limit of the transport, which reports the error; gRPC only ends the stream.
    "grpc.max_receive_message_length": maxRecordBytes(maxPayloadBytes) + RECORD_MARGIN_BYTES,
    "grpc.max_send_message_length": -1,
  });
  server.addService(
    { attach: WORKER_LINK_ATTACH },
    {
      attach: (stream: ServerDuplexStream<Buffer, Buffer>) =>
        accept(new GrpcTransport(stream, MAX_HELLO_BYTES, decodeFirst())),
    },
  );
  return {
    async listen(path) {
      try {
        await bindToUnixSocket(grpc, server, path);
        chmodSync(path, 0o600);
      } catch (thrown) {
        throw toSnakepitError(thrown, "INVALID_CONFIG", `listening for gRPC on ${path} failed`);
      }
    },
    close: () => server.forceShutdown(),
  };
}

/**
 * Makes a gRPC server listen on a Unix socket. The permissions of the socket depend on the umask, so its directory must
 * be accessible only to this user.
 */
function bindToUnixSocket(grpc: Grpc, server: Server, path: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

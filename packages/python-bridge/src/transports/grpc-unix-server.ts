import { chmodSync } from "node:fs";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { toSnakepitError } from "@snakepit/core";

/**
 * Lets a gRPC server listen on a unix socket that only this user can open; shuts it down when it cannot.
 *
 * @returns the target for gRPC clients.
 * @throws SnakepitError `INVALID_CONFIG` when it cannot listen there.
 */
export async function bindToUnixSocket(server: Server, path: string): Promise<string> {
  const address = `unix:${path}`;
  try {
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    chmodSync(path, 0o600);
  } catch (thrown) {
    server.forceShutdown();
    throw toSnakepitError(thrown, "INVALID_CONFIG", `cannot serve gRPC on ${path}`);
  }
  return address;
}

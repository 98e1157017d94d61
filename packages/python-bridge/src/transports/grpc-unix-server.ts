import { type Server, ServerCredentials } from "@grpc/grpc-js";

/**
 * Makes a gRPC server listen on a unix socket. The permissions of the socket depend on the umask, so its directory must be
 * accessible only to this user.
 */
export function bindToUnixSocket(server: Server, path: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

import { type Server, ServerCredentials } from "@grpc/grpc-js";

/**
 * Lets a gRPC server listen on a unix socket. Who may connect depends on the umask and the directory: the directory must be
 * private to this user.
 */
export function bindToUnixSocket(server: Server, path: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

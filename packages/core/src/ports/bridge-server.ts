import type { Duration } from "../time/duration.ts";

/** The address that the gRPC server listens on, and the credentials that clients need. */
export type BridgeListenOptions = UnixListenOptions | TcpListenOptions;

/** Options for a Unix socket, for clients on this machine. */
export interface UnixListenOptions {
  /**
   * Path of the socket. It is created with mode 0600, so that only this user can open it. The socket of a dead host is
   * replaced.
   */
  readonly socketPath: string;
  /** The token that clients must send as `authorization: Bearer <token>`; at least 32 characters. Default: none. */
  readonly token?: string | undefined;
}

/** Options for TCP, also for clients on other machines. */
export interface TcpListenOptions {
  /** Address or name to listen on. Default: `127.0.0.1`. Addresses that other machines can reach require `tls`. */
  readonly host?: string | undefined;
  /** The port; 0 selects a free port, which `BridgeServer.address` then contains. */
  readonly port: number;
  /** The token that clients must send as `authorization: Bearer <token>`; at least 32 characters. */
  readonly token: string;
  /** Certificate and key. Default: none, which is allowed on loopback addresses only. */
  readonly tls?: BridgeTls | undefined;
}

/**
 * The certificate and key of a server, and the certificate authorities of its clients. All values are the contents of
 * PEM files.
 */
export interface BridgeTls {
  /** The certificate, followed by the intermediate certificates. */
  readonly cert: string | Uint8Array;
  /** The private key of the certificate, without a passphrase. */
  readonly key: string | Uint8Array;
  /**
   * Certificates of certificate authorities. When set, clients need a certificate signed by one of them in addition to
   * the token. Default: none.
   */
  readonly ca?: string | Uint8Array | undefined;
}

/** A running gRPC server. */
export interface BridgeServer extends AsyncDisposable {
  /** The target for gRPC clients: `unix:` and the path, or host and port. */
  readonly address: string;
  /** Sets the status that `grpc.health.v1` reports from now on, instead of the health of the host. */
  setServing(serving: boolean): void;
  /**
   * Rejects new calls, and resolves when the active calls have ended. May be called more than once.
   *
   * @param options.graceMs the time that active calls have to end, in milliseconds or as a string such as `"5s"`.
   *   Default: 2 s.
   * @throws SnakepitError `INVALID_ARGUMENT` for unknown or invalid options; the server then stays open.
   */
  close(options?: { readonly graceMs?: Duration | undefined }): Promise<void>;
}

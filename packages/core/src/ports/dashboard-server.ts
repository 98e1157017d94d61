/** The address of the dashboard, and who may use it. */
export interface DashboardOptions {
  /**
   * Address or name to listen on. Default: `127.0.0.1`. Addresses that other machines can reach require `tls` or
   * `behindProxy`.
   */
  readonly hostname?: string | undefined;
  /** The port; 0 (default) selects a free port, which `Dashboard.url` then contains. */
  readonly port?: number | undefined;
  /** The token that users must enter, at least 32 characters. Default: 32 random bytes, new for each start. */
  readonly token?: string | undefined;
  /**
   * Names under which browsers reach the dashboard, without the port, for example `["pit.example.com"]`. IP addresses
   * and `localhost` need no entry. Requests for other names are rejected, so that no foreign name can be pointed at
   * this server. Default: none.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Certificate and key, as the contents of PEM files. Default: none. */
  readonly tls?: DashboardTls | undefined;
  /**
   * Whether clients reach the dashboard through a proxy that ends TLS, so that it may listen on any address without
   * `tls`. Default: `false`.
   */
  readonly behindProxy?: boolean | undefined;
  /**
   * Whether users may recycle and drain workers and read their stacks. Default: `true`; with `false` the dashboard only
   * shows.
   */
  readonly actions?: boolean | undefined;
  /** Answers `/livez`, `/readyz` (without a token) and `/healthz` (with a token). Default: as `healthHandler()`. */
  readonly health?: RequestHandler | undefined;
  /** Answers `/metrics`, with a token. Default: as `metrics()`, from the first request on. */
  readonly metrics?: RequestHandler | undefined;
}

/** Answers a GET request. */
export type RequestHandler = (request: Request) => Promise<Response>;

/** The certificate and key of the dashboard. */
export interface DashboardTls {
  /** The certificate, followed by the intermediate certificates. */
  readonly cert: string | Uint8Array;
  /** The private key of the certificate, without a passphrase. */
  readonly key: string | Uint8Array;
}

/** A running dashboard. */
export interface Dashboard extends AsyncDisposable {
  /** The address to open in a browser. Contains the token in its fragment, which browsers do not send. */
  readonly url: string;
  /** The token, also for programs: `authorization: Bearer <token>`. */
  readonly token: string;
  /** Ends all connections and resolves when the server is closed. May be called more than once. */
  close(): Promise<void>;
}

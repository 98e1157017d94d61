import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

const BEARER = /^bearer +(\S+)$/i;

/** The longest token that is compared; longer ones are rejected unseen. */
const MOST_CHARACTERS = 4_096;

/**
 * Decides which requests are answered. A request needs the token, as a bearer token or through the cookie that a login
 * has set. Independent of the token, requests for a foreign host name and requests of other sites are rejected, so that
 * no page in the same browser can use the dashboard: neither by DNS rebinding nor by a cross-site request.
 */
export class Access {
  readonly #token: Buffer;
  readonly #allowedHosts: ReadonlySet<string>;
  readonly #secure: boolean;
  /** What a logged in browser sends in place of the token. */
  readonly #session = randomBytes(32).toString("base64url");
  readonly #sessionDigest = digest(this.#session);
  readonly #id = randomBytes(4).toString("hex");

  /**
   * @param options.allowedHosts further host names; IP addresses and `localhost` are always allowed.
   * @param options.secure whether browsers use TLS.
   */
  constructor(options: { readonly token: string; readonly allowedHosts: readonly string[]; readonly secure: boolean }) {
    this.#token = digest(options.token);
    this.#allowedHosts = new Set(options.allowedHosts);
    this.#secure = options.secure;
  }

  /**
   * Whether the host of a request is an IP address, `localhost` or one of the allowed names: DNS can make any other
   * name of an attacker refer to this server.
   */
  isKnownHost(request: Request): boolean {
    const { hostname } = new URL(request.url);
    const name = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname.toLowerCase();
    return isIP(name) !== 0 || name === "localhost" || this.#allowedHosts.has(name);
  }

  /** Whether a request has the token or the cookie of a login. */
  isAuthenticated(request: Request): boolean {
    return this.hasBearerToken(request) || this.#hasSession(request);
  }

  /** Whether a request has the token in its `authorization` header. */
  hasBearerToken(request: Request): boolean {
    const [, given] = BEARER.exec(request.headers.get("authorization") ?? "") ?? [];
    return given !== undefined && this.isToken(given);
  }

  /** Compares in constant time: all digests have the same length. */
  isToken(given: string): boolean {
    return given.length <= MOST_CHARACTERS && timingSafeEqual(digest(given), this.#token);
  }

  /**
   * Whether a request comes from the dashboard's own page or from a program. Browsers send `sec-fetch-site` with every
   * request, and `origin` with those that change something; older ones only the latter.
   */
  isSameOrigin(request: Request): boolean {
    const site = request.headers.get("sec-fetch-site");
    if (site !== null && site !== "same-origin" && site !== "none") return false;
    const origin = request.headers.get("origin");
    return origin === null || this.#hostOf(origin) === request.headers.get("host");
  }

  /** Whether a request that changes something comes from the dashboard's own page, or has the token itself. */
  mayAct(request: Request): boolean {
    if (!this.isSameOrigin(request)) return false;
    return request.headers.has("origin") || this.hasBearerToken(request);
  }

  /** Returns the `set-cookie` header of a login. The cookie ends with the browser, and with this server. */
  loginCookie(): string {
    return this.#cookie(this.#session);
  }

  /** Returns the `set-cookie` header of a logout. */
  logoutCookie(): string {
    return `${this.#cookie("")}; Max-Age=0`;
  }

  #hasSession(request: Request): boolean {
    const prefix = `${this.#cookieName}=`;
    const cookies = (request.headers.get("cookie") ?? "").split(/; */);
    return cookies.some(
      (cookie) =>
        cookie.startsWith(prefix) &&
        cookie.length <= MOST_CHARACTERS &&
        timingSafeEqual(digest(cookie.slice(prefix.length)), this.#sessionDigest),
    );
  }

  #cookie(value: string): string {
    const attributes = `Path=/; HttpOnly; SameSite=Strict${this.#secure ? "; Secure" : ""}`;
    return `${this.#cookieName}=${value}; ${attributes}`;
  }

  /** Cookies do not depend on the port: two dashboards on one machine need two names. */
  get #cookieName(): string {
    return `snakepit-${this.#id}`;
  }

  /** `null`, the origin of a sandboxed page, has no host. */
  #hostOf(origin: string): string | undefined {
    return URL.parse(origin)?.host;
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

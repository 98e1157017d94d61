import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import {
  type ConfigProblem,
  type DashboardOptions,
  type DashboardTls,
  describeKind,
  describeValue,
  invalidConfig,
  nearestName,
} from "@snakepit/core";

const OPTIONS: readonly string[] = [
  "hostname",
  "port",
  "token",
  "allowedHosts",
  "tls",
  "behindProxy",
  "actions",
  "health",
  "metrics",
] satisfies (keyof DashboardOptions)[];

const MIN_TOKEN_CHARACTERS = 32;

/** The characters that a token may have in a header: letters, digits and punctuation of ASCII. */
const TOKEN = /^[\x21-\x7e]*$/;

const TOKEN_REMEDY = `use at least ${MIN_TOKEN_CHARACTERS} random characters, for example randomBytes(32).toString("hex") of node:crypto, or omit it`;

/** A name without a scheme, a port or a path. */
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

/** The options with all defaults, except for the token. */
export interface CheckedDashboardOptions extends DashboardOptions {
  readonly hostname: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly actions: boolean;
}

/**
 * Checks the options of a dashboard and applies the defaults.
 *
 * @throws SnakepitError `INVALID_CONFIG` with all problems. The message never contains the token or the key.
 */
export function checkDashboardOptions(options: DashboardOptions): CheckedDashboardOptions {
  const problems = [...optionProblems(options)];
  if (problems.length > 0) throw invalidConfig(problems, "the argument of dashboard()");
  const { hostname = "127.0.0.1", port = 0, allowedHosts = [], actions = true } = options;
  return { ...options, hostname, port, allowedHosts: allowedHosts.map((name) => name.toLowerCase()), actions };
}

/** Whether only this machine can reach an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || (isIP(hostname) === 4 && hostname.startsWith("127."));
}

function* optionProblems(options: DashboardOptions): Generator<ConfigProblem> {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const problem = `must be an object; got ${describeValue(options)}`;
    yield { path: "", problem, remedy: "write for example { port: 7788 }, or omit it" };
    return;
  }
  const { hostname, port, token, allowedHosts, tls, health, metrics } = options;
  yield* unknownOptions(options);
  if (hostname !== undefined && (typeof hostname !== "string" || hostname === "")) {
    const problem = `must be an address; got ${describeValue(hostname)}`;
    yield { path: "hostname", problem, remedy: "set an address or a name, or omit it for 127.0.0.1" };
  }
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535)) {
    const problem = `must be a whole number from 0 to 65535; got ${describeValue(port)}`;
    yield { path: "port", problem, remedy: "set a free port, or 0 for any free one" };
  }
  const tokenIs = token === undefined ? undefined : tokenProblem(token);
  if (tokenIs !== undefined) yield { path: "token", problem: tokenIs, remedy: TOKEN_REMEDY };
  if (allowedHosts !== undefined) yield* hostProblems(allowedHosts);
  if (tls !== undefined) yield* tlsProblems(tls);
  for (const path of ["behindProxy", "actions"] as const) {
    const value: unknown = options[path];
    if (value === undefined || typeof value === "boolean") continue;
    yield { path, problem: `must be a boolean; got ${describeValue(value)}`, remedy: "set true or false, or omit it" };
  }
  for (const [path, handler] of [
    ["health", health],
    ["metrics", metrics],
  ] as const) {
    if (handler === undefined || typeof handler === "function") continue;
    const problem = `must be a function; got ${describeValue(handler)}`;
    yield { path, problem, remedy: "set a function that takes a Request and resolves with a Response, or omit it" };
  }
  yield* exposureProblems(options);
}

function* unknownOptions(options: object): Generator<ConfigProblem> {
  for (const path of Object.keys(options)) {
    if (OPTIONS.includes(path)) continue;
    const nearest = nearestName(path, OPTIONS);
    const remedy = nearest === undefined ? `the options are ${OPTIONS.join(", ")}` : `did you mean ${nearest}?`;
    yield { path, problem: "is not an option", remedy };
  }
}

/** A token must not cross a network in plain text. */
function* exposureProblems({ hostname, tls, behindProxy }: DashboardOptions): Generator<ConfigProblem> {
  if (typeof hostname !== "string" || isLoopback(hostname) || tls !== undefined || behindProxy === true) return;
  yield {
    path: "hostname",
    problem: `requires TLS, because other machines can reach ${JSON.stringify(hostname)}`,
    remedy: "set tls: { cert, key }, or behindProxy: true if a proxy ends TLS, or omit hostname for 127.0.0.1",
  };
}

function tokenProblem(token: unknown): string | undefined {
  if (typeof token !== "string") return `must be a string; got ${describeKind(token)}`;
  if (token.length < MIN_TOKEN_CHARACTERS) {
    return `must have at least ${MIN_TOKEN_CHARACTERS} characters; got ${token.length}`;
  }
  if (!TOKEN.test(token)) {
    return "must contain only printable ASCII characters and no spaces, because it is sent in a header";
  }
  return undefined;
}

function* hostProblems(allowedHosts: unknown): Generator<ConfigProblem> {
  const remedy = 'set names without scheme and port, for example ["pit.example.com"]';
  if (!Array.isArray(allowedHosts)) {
    yield { path: "allowedHosts", problem: `must be an array; got ${describeValue(allowedHosts)}`, remedy };
    return;
  }
  for (const [index, name] of allowedHosts.entries()) {
    if (typeof name === "string" && HOST_NAME.test(name)) continue;
    yield { path: `allowedHosts[${index}]`, problem: `must be a host name; got ${describeValue(name)}`, remedy };
  }
}

function* tlsProblems(tls: DashboardTls): Generator<ConfigProblem> {
  const remedy = "set { cert, key } in PEM";
  if (typeof tls !== "object" || tls === null) {
    yield { path: "tls", problem: `must be an object; got ${describeKind(tls)}`, remedy };
    return;
  }
  try {
    createSecureContext({ cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) });
  } catch {
    // The message of OpenSSL is no help to users, and may contain parts of the input.
    yield { path: "tls", problem: "must be a certificate and its private key", remedy };
  }
}

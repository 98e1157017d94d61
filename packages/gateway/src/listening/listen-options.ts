import { type ConfigProblem, describeKind, describeValue, invalidConfig, nearestName } from "@snakepit/core";
import { type BridgeTls, tlsProblems } from "../identity/tls-identity.ts";

/** The address that the gRPC server listens on, and the credentials that clients need. */
export type BridgeListenOptions = UnixListenOptions | TcpListenOptions;

/** On a unix socket, for clients on this machine. */
export interface UnixListenOptions {
  /** Path of the socket. It is created with mode 0600, so that only this user can open it. The socket of a dead host is replaced. */
  readonly socketPath: string;
  /** The token that clients must send as `authorization: Bearer <token>`; at least 32 characters. Default: none. */
  readonly token?: string | undefined;
}

/** On TCP, also for clients on other machines. */
export interface TcpListenOptions {
  /** Address or name to listen on. Default: `127.0.0.1`. Addresses that other machines can reach require `tls`. */
  readonly host?: string | undefined;
  /** The port; 0 for any free port, which `BridgeServer.address` then contains. */
  readonly port: number;
  /** The token that clients must send as `authorization: Bearer <token>`; at least 32 characters. */
  readonly token: string;
  /** Certificate and key. Default: none, for clients on this machine only. */
  readonly tls?: BridgeTls | undefined;
}

const UNIX_OPTIONS = ["socketPath", "token"] as const satisfies readonly (keyof UnixListenOptions)[];
const TCP_OPTIONS = ["host", "port", "token", "tls"] as const satisfies readonly (keyof TcpListenOptions)[];
const OPTIONS: readonly string[] = [...new Set([...UNIX_OPTIONS, ...TCP_OPTIONS])];

/** The remedy for options that are neither of the two kinds. */
const EXAMPLES = "write { socketPath } for a unix socket, or { port, token } for TCP";

const MIN_TOKEN_CHARACTERS = 32;

/** Characters that a header may have: letters, digits and punctuation of ASCII. */
const TOKEN = /^[\x21-\x7e]*$/;

const TOKEN_REMEDY = `use at least ${MIN_TOKEN_CHARACTERS} random characters, for example randomBytes(32).toString("hex") of node:crypto`;

/** Returns whether the options are for TCP. */
export function isTcp(options: BridgeListenOptions): options is TcpListenOptions {
  return "port" in options;
}

/** @throws SnakepitError `INVALID_CONFIG` with every mistake. */
export function checkListenOptions(options: BridgeListenOptions): void {
  const problems = listenProblems(options);
  if (problems.length > 0) throw invalidConfig(problems, "What serve() was given");
}

function listenProblems(options: BridgeListenOptions): readonly ConfigProblem[] {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return [{ path: "", problem: `it is ${describeValue(options)}, not an object`, remedy: EXAMPLES }];
  }
  const unknown = unknownNames(options);
  // With a misspelled name it is unknown which options are missing.
  if (unknown.length > 0) return unknown;
  if (isTcp(options)) return tcpProblems(options);
  return [...tcpOnly(options), ...unixProblems(options)];
}

function unknownNames(options: object): readonly ConfigProblem[] {
  const names = Object.keys(options).filter((name) => !OPTIONS.includes(name));
  return names.map((path) => {
    const nearest = nearestName(path, OPTIONS);
    const remedy = nearest === undefined ? `the options are ${OPTIONS.join(", ")}` : `did you mean ${nearest}?`;
    return { path, problem: "it is not an option", remedy };
  });
}

/** Returns the problems of options that only TCP has, when there is no port. */
function tcpOnly(options: object): readonly ConfigProblem[] {
  const remedy = "give port and token as well, or leave it out";
  return Object.entries(options)
    .filter(([name, value]) => (name === "host" || name === "tls") && value !== undefined)
    .map(([path]) => ({ path, problem: "it is for TCP, but port is missing", remedy }));
}

function unixProblems({ socketPath, token }: UnixListenOptions): readonly ConfigProblem[] {
  if (typeof socketPath !== "string" || socketPath === "") {
    const problem = `a path was expected, got ${describeValue(socketPath)}`;
    return [{ path: "socketPath", problem, remedy: EXAMPLES }];
  }
  return token === undefined ? [] : tokenProblems(token);
}

function tcpProblems(options: TcpListenOptions): readonly ConfigProblem[] {
  const { host, port, token, tls } = options;
  const problems: ConfigProblem[] = [];
  if ("socketPath" in options && options.socketPath !== undefined) {
    const remedy = "give one of them; for both, serve twice";
    problems.push({ path: "socketPath", problem: "a unix socket and a TCP port were given", remedy });
  }
  if (host !== undefined && (typeof host !== "string" || host === "")) {
    const problem = `an address was expected, got ${describeValue(host)}`;
    problems.push({ path: "host", problem, remedy: "give an address or a name, or leave it out for 127.0.0.1" });
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    const problem = `a port was expected, got ${describeValue(port)}`;
    problems.push({ path: "port", problem, remedy: "give a whole number from 1 to 65535, or 0 for any that is free" });
  }
  problems.push(...tokenProblems(token));
  if (tls !== undefined) problems.push(...tlsProblems(tls));
  return problems;
}

/** The messages never contain the token or a part of it. */
function tokenProblems(token: unknown): readonly ConfigProblem[] {
  const problem = tokenProblem(token);
  return problem === undefined ? [] : [{ path: "token", problem, remedy: TOKEN_REMEDY }];
}

function tokenProblem(token: unknown): string | undefined {
  if (token === undefined || token === null || token === "") return "TCP requires a token";
  if (typeof token !== "string") return `a text was expected, got ${describeKind(token)}`;
  if (token.length < MIN_TOKEN_CHARACTERS) return `it has ${token.length} characters`;
  if (!TOKEN.test(token)) return "it has a space in it or a character that is not ASCII, which no header can carry";
  return undefined;
}

import { type ConfigProblem, describeKind, describeValue, invalidConfig, nearestName } from "@snakepit/core";
import { type BridgeTls, tlsProblems } from "../identity/tls-identity.ts";

/** Where the service for outside clients listens. */
export type BridgeListenOptions = UnixListenOptions | TcpListenOptions;

/** On a unix socket, for clients on this machine. */
export interface UnixListenOptions {
  /** Path of the socket; made with mode 0600, so that only this user can open it. One that nobody serves any more is replaced. */
  readonly socketPath: string;
  /** What clients have to send as `authorization: Bearer <token>`; at least 32 characters. Default: nothing. */
  readonly token?: string | undefined;
}

/** On TCP, also for clients on other machines. */
export interface TcpListenOptions {
  /** Address or name to listen on. Default: `127.0.0.1`, which only this machine reaches; anything else needs `tls`. */
  readonly host?: string | undefined;
  /** 0 for any that is free; `BridgeServer.address` says which. */
  readonly port: number;
  /** What clients have to send as `authorization: Bearer <token>`; at least 32 characters. */
  readonly token: string;
  /** Default: without, for this machine only. */
  readonly tls?: BridgeTls | undefined;
}

const UNIX_OPTIONS = ["socketPath", "token"] as const satisfies readonly (keyof UnixListenOptions)[];
const TCP_OPTIONS = ["host", "port", "token", "tls"] as const satisfies readonly (keyof TcpListenOptions)[];
const OPTIONS: readonly string[] = [...new Set([...UNIX_OPTIONS, ...TCP_OPTIONS])];

/** What to write, for who has written something else altogether. */
const EXAMPLES = "write { socketPath } for a unix socket, or { port, token } for TCP";

const MIN_TOKEN_CHARACTERS = 32;

/** What can stand in a header: letters, digits and punctuation of ASCII. */
const TOKEN = /^[\x21-\x7e]*$/;

const TOKEN_REMEDY = `give at least ${MIN_TOKEN_CHARACTERS} random characters, for example randomBytes(32).toString("hex") of node:crypto`;

/** Whether it is TCP. */
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
  const strange = unknownNames(options);
  // Of what was misspelt it is not known what it lacks.
  if (strange.length > 0) return strange;
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

/** What TCP alone has: host and tls without a port. */
function tcpOnly(options: object): readonly ConfigProblem[] {
  const remedy = "give port and token as well, or leave it out";
  return Object.entries(options)
    .filter(([name, value]) => (name === "host" || name === "tls") && value !== undefined)
    .map(([path]) => ({ path, problem: "it is for TCP, and there is no port", remedy }));
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

/** Never with the token, or a part of it, in the text. */
function tokenProblems(token: unknown): readonly ConfigProblem[] {
  const problem = objectionToToken(token);
  return problem === undefined ? [] : [{ path: "token", problem, remedy: TOKEN_REMEDY }];
}

function objectionToToken(token: unknown): string | undefined {
  if (token === undefined || token === null || token === "") return "TCP wants a token, and there is none";
  if (typeof token !== "string") return `a text was expected, got ${describeKind(token)}`;
  if (token.length < MIN_TOKEN_CHARACTERS) return `it has ${token.length} characters`;
  if (!TOKEN.test(token)) return "it has a space in it or a character that is not ASCII, which no header can carry";
  return undefined;
}

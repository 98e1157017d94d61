import {
  type BridgeListenOptions,
  type ConfigProblem,
  describeKind,
  describeValue,
  invalidConfig,
  nearestName,
  type TcpListenOptions,
  type UnixListenOptions,
} from "@snakepit/core";
import { tlsProblems } from "../identity/tls-identity.ts";

const UNIX_OPTIONS = ["socketPath", "token"] as const satisfies readonly (keyof UnixListenOptions)[];
const TCP_OPTIONS = ["host", "port", "token", "tls"] as const satisfies readonly (keyof TcpListenOptions)[];
const OPTIONS: readonly string[] = [...new Set([...UNIX_OPTIONS, ...TCP_OPTIONS])];

/** The remedy for options that are neither Unix nor TCP options. */
const EXAMPLES = "write { socketPath } for a Unix socket, or { port, token } for TCP";

const MIN_TOKEN_CHARACTERS = 32;

/** The characters that a token may have in a header: letters, digits and punctuation of ASCII. */
const TOKEN = /^[\x21-\x7e]*$/;

const TOKEN_REMEDY = `use at least ${MIN_TOKEN_CHARACTERS} random characters, for example randomBytes(32).toString("hex") of node:crypto`;

/** Whether the options are for TCP. */
export function isTcp(options: BridgeListenOptions): options is TcpListenOptions {
  return "port" in options;
}

/**
 * Checks the options of a listening address.
 *
 * @throws SnakepitError `INVALID_CONFIG` with all problems.
 */
export function checkListenOptions(options: BridgeListenOptions): void {
  const problems = listenProblems(options);
  if (problems.length > 0) throw invalidConfig(problems, "the argument of serve()");
}

function listenProblems(options: BridgeListenOptions): readonly ConfigProblem[] {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return [{ path: "", problem: `must be an object; got ${describeValue(options)}`, remedy: EXAMPLES }];
  }
  const unknown = unknownNames(options);
  // When a name is misspelled, it is unclear which options are missing.
  if (unknown.length > 0) return unknown;
  if (isTcp(options)) return tcpProblems(options);
  return [...tcpOnly(options), ...unixProblems(options)];
}

function unknownNames(options: object): readonly ConfigProblem[] {
  const names = Object.keys(options).filter((name) => !OPTIONS.includes(name));
  return names.map((path) => {
    const nearest = nearestName(path, OPTIONS);
    const remedy = nearest === undefined ? `the options are ${OPTIONS.join(", ")}` : `did you mean ${nearest}?`;
    return { path, problem: "is not an option", remedy };
  });
}

/** Returns the problems of TCP options without a port. */
function tcpOnly(options: object): readonly ConfigProblem[] {
  const remedy = "set port and token too, or omit it";
  return Object.entries(options)
    .filter(([name, value]) => (name === "host" || name === "tls") && value !== undefined)
    .map(([path]) => ({ path, problem: "requires port", remedy }));
}

function unixProblems({ socketPath, token }: UnixListenOptions): readonly ConfigProblem[] {
  if (typeof socketPath !== "string" || socketPath === "") {
    const problem = `must be a path; got ${describeValue(socketPath)}`;
    return [{ path: "socketPath", problem, remedy: EXAMPLES }];
  }
  return token === undefined ? [] : tokenProblems(token);
}

function tcpProblems(options: TcpListenOptions): readonly ConfigProblem[] {
  const { host, port, token, tls } = options;
  const problems: ConfigProblem[] = [];
  if ("socketPath" in options && options.socketPath !== undefined) {
    const remedy = "set one of them; to serve both, call serve() twice";
    problems.push({ path: "socketPath", problem: "cannot be combined with port", remedy });
  }
  if (host !== undefined && (typeof host !== "string" || host === "")) {
    const problem = `must be an address; got ${describeValue(host)}`;
    problems.push({ path: "host", problem, remedy: "set an address or a name, or omit it for 127.0.0.1" });
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    const problem = `must be a whole number from 0 to 65535; got ${describeValue(port)}`;
    problems.push({ path: "port", problem, remedy: "set a free port, or 0 for any free one" });
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
  if (token === undefined || token === null || token === "") return "is required for TCP";
  if (typeof token !== "string") return `must be a string; got ${describeKind(token)}`;
  if (token.length < MIN_TOKEN_CHARACTERS)
    return `must have at least ${MIN_TOKEN_CHARACTERS} characters; got ${token.length}`;
  if (!TOKEN.test(token))
    return "must contain only printable ASCII characters and no spaces, because it is sent in a header";
  return undefined;
}

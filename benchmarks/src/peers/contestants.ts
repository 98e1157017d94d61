import type { Contestant } from "./contestant.ts";

/** A library that is compared, and Snakepit itself. */
export interface Competitor {
  readonly name: string;
  /** As the tables show it. */
  readonly title: string;
  /** Whether it appears in the tables only, and not in the file of `--json`. */
  readonly inTablesOnly?: true;
  /** Node.js packages to be installed on request. */
  readonly packages: readonly string[];
  /** The file of exact versions of Python packages to be installed on request, if any. */
  readonly requirements?: string;
  /** Loads only what this one needs, and starts it. All its workers need not be ready yet. */
  readonly start: (workers: number) => Promise<Contestant>;
}

/** The product: every other figure is compared with its own. */
export const SNAKEPIT: Competitor = {
  name: "snakepit",
  title: "Snakepit",
  packages: [],
  start: async (workers) => await (await import("./snakepit.ts")).SnakepitContestant.start(workers),
};

/** The alternatives that a user would take instead. */
export const PEERS: readonly Competitor[] = [
  {
    name: "child_process",
    title: "child_process, JSON lines",
    packages: [],
    start: async (workers) => (await import("./json-lines.ts")).startChildProcess(workers),
  },
  {
    name: "child_process-sequential",
    title: "the same without pipelining",
    inTablesOnly: true,
    packages: [],
    start: async (workers) => (await import("./json-lines.ts")).startChildProcessSequential(workers),
  },
  {
    name: "python-shell",
    title: "python-shell",
    packages: ["python-shell"],
    start: async (workers) => (await import("./python-shell.ts")).startPythonShell(workers),
  },
  {
    name: "zeromq",
    title: "ZeroMQ + MessagePack",
    packages: ["zeromq", "msgpackr"],
    requirements: "zeromq.txt",
    start: async (workers) => await (await import("./zeromq.ts")).ZeroMqPool.start(workers),
  },
  {
    name: "fastapi",
    title: "FastAPI",
    packages: ["undici"],
    requirements: "fastapi.txt",
    start: async (workers) => await (await import("./http.ts")).HttpServers.start("fastapi_server.py", workers),
  },
  {
    name: "aiohttp",
    title: "aiohttp",
    packages: ["undici"],
    requirements: "aiohttp.txt",
    start: async (workers) => await (await import("./http.ts")).HttpServers.start("aiohttp_server.py", workers),
  },
  {
    name: "grpc",
    title: "gRPC, unary",
    packages: ["@grpc/proto-loader"],
    requirements: "grpc.txt",
    start: async (workers) => await (await import("./grpc.ts")).GrpcServers.start(workers),
  },
];

/** Returns the competitor of a name. */
export function competitor(name: string): Competitor {
  const found = [SNAKEPIT, ...PEERS].find((each) => each.name === name);
  if (found === undefined) throw new Error(`unknown peer "${name}"; the peers are ${peerNames()}`);
  return found;
}

/** Returns the names of the peers, for messages. */
export function peerNames(): string {
  return PEERS.map(({ name }) => name).join(", ");
}

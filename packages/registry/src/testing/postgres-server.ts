import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "@snakepit/core/testing/free-port";
import { Client } from "pg";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";

/** A real PostgreSQL server for tests: on the loopback interface, its data in a temporary directory. */
export interface PostgresServer extends AsyncDisposable {
  /** URL of the maintenance database, as superuser. */
  readonly url: string;
  /** Creates an empty database, and resolves with its URL. */
  createDatabase(): Promise<string>;
  /** Stops the server, which breaks every connection, and starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** Stops the server, which breaks every connection. */
  stop(): Promise<void>;
  /** Starts a server that was stopped or killed, on the same port with the same data. */
  start(): Promise<void>;
  /** Sends a signal to all processes of the server. Resolves at once, except for `SIGKILL`: when all have ended. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Stops the server and removes its data. May be called more than once. */
  close(): Promise<void>;
}

const USER = "postgres";

// The server stops when its stdin closes, so that it cannot outlive a killed test run.
const STOP_WITH_STDIN = `
  exec 3<&0
  "$@" </dev/null 3<&- &
  server=$!
  (cat <&3 >/dev/null; kill -INT $server 2>/dev/null) &
  exec 3<&-
  wait $server`;

/** Test data need not survive a power failure. */
const NOT_DURABLE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/** A server with hundreds of small databases would start a process every few hundred milliseconds to vacuum one. */
const SHORT_LIVED = ["autovacuum=off"];

const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "shared_buffers=16MB",
  "max_connections=100",
];

/** The environment variable with the path of the socket that returns the PostgreSQL server of the test run. */
export const POSTGRES_BROKER = "SNAKEPIT_TEST_POSTGRES_BROKER";

/**
 * Returns a real PostgreSQL server: the server that all files of this test run share or, outside of a test run, a new
 * one. Create a separate database on it, and close the server afterward.
 */
export async function testPostgres(): Promise<PostgresServer> {
  const broker = process.env[POSTGRES_BROKER];
  if (broker === undefined) return await startPostgresServer();
  const answer = JSON.parse(await text(connect(broker))) as { url: string; error?: undefined } | { error: string };
  if (answer.error !== undefined) throw new Error(answer.error);
  const { url } = answer;
  // The test run owns the server and stops it.
  const close = async () => undefined;
  const shared = () => Promise.reject(new Error("a shared server cannot be stopped; start a separate one"));
  const control = { restart: shared, stop: shared, start: shared, signal: shared };
  return { url, createDatabase: () => createDatabase(url), ...control, close, [Symbol.asyncDispose]: close };
}

/**
 * Starts a PostgreSQL server on a free port; takes one or two seconds.
 *
 * @param options.durable whether commits wait for the disk, for benchmarks and servers that are killed. Default: false.
 */
export async function startPostgresServer({ durable = false } = {}): Promise<PostgresServer> {
  const settings = durable ? SETTINGS : [...SETTINGS, ...NOT_DURABLE, ...SHORT_LIVED];
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-postgres-"));
  try {
    const binaries = await findPostgresBinaries(scratch);
    const password = randomBytes(12).toString("hex");
    await initialize(binaries, scratch, password);
    const { server, port } = await startOnFreePort(binaries, scratch, settings);
    const origin = `postgres://${USER}:${password}@127.0.0.1:${port}`;
    return serve(server, () => start(binaries, scratch, settings, port), scratch, origin);
  } catch (thrown) {
    rmSync(scratch, { recursive: true, force: true });
    throw thrown;
  }
}

/** Runs one statement on a new connection, and resolves with its rows. */
export async function runSql(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

/**
 * Removes everything that Snakepit has stored in a database, for the next test. Takes a fifth of the processor time of
 * a new database. No connection may be using the database.
 */
export async function emptyDatabase(url: string): Promise<void> {
  await runSql(url, "drop schema if exists snakepit cascade");
}

/** Creates an empty database on the server of `url`, and resolves with its URL. */
async function createDatabase(url: string): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await runSql(url, `create database ${name}`);
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

function serve(
  first: ChildProcess,
  startOnSamePort: () => Promise<ChildProcess>,
  scratch: string,
  origin: string,
): PostgresServer {
  const url = `${origin}/postgres`;
  let server = first;
  const close = async () => {
    await stop(server);
    rmSync(scratch, { recursive: true, force: true });
  };
  return {
    url,
    createDatabase: () => createDatabase(url),
    async restart() {
      await stop(server);
      server = await startOnSamePort();
    },
    stop: () => stop(server),
    async start() {
      server = await startOnSamePort();
    },
    signal: (signal) => signalProcesses(server, signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function initialize(binaries: PostgresBinaries, scratch: string, password: string): Promise<void> {
  const passwordFile = join(scratch, "password");
  writeFileSync(passwordFile, password);
  chmodSync(passwordFile, 0o600);
  if (binaries.owner !== undefined) {
    for (const path of [scratch, passwordFile]) chownSync(path, binaries.owner.uid, binaries.owner.gid);
  }
  await promisify(execFile)(
    binaries.initdb,
    [
      `--pgdata=${join(scratch, "data")}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
      "--no-instructions",
    ],
    { cwd: scratch, ...binaries.owner },
  );
}

// Tries another port when another process has taken a port that was free.
async function startOnFreePort(binaries: PostgresBinaries, scratch: string, settings: readonly string[], attempts = 5) {
  const port = await freePort();
  try {
    return { port, server: await start(binaries, scratch, settings, port) };
  } catch (thrown) {
    if (attempts > 1 && String(thrown).includes("Address already in use")) {
      return await startOnFreePort(binaries, scratch, settings, attempts - 1);
    }
    throw thrown;
  }
}

async function start(
  binaries: PostgresBinaries,
  scratch: string,
  settings: readonly string[],
  port: number,
): Promise<ChildProcess> {
  const options = settings.flatMap((setting) => ["-c", setting]);
  const command = [binaries.postgres, "-D", join(scratch, "data"), "-p", String(port), ...options];
  const server = spawn("/bin/sh", ["-c", STOP_WITH_STDIN, "sh", ...command], {
    cwd: scratch,
    stdio: ["pipe", "ignore", "pipe"],
    ...binaries.owner,
  });
  let output = "";
  server.stderr.setEncoding("utf8");
  await new Promise<void>((resolve, reject) => {
    server.stderr.on("data", (text: string) => {
      output = (output + text).slice(-4_000);
      if (output.includes("database system is ready to accept connections")) resolve();
    });
    server.once("error", reject);
    server.once("exit", (code) => {
      server.stdin.destroy();
      reject(new Error(`PostgreSQL ended with status ${code} instead of starting: ${output}`));
    });
  });
  return server;
}

async function stop(server: ChildProcess): Promise<void> {
  // Ends the process that watches stdin, also if the server was killed.
  const exited = hasExited(server) ? undefined : once(server, "exit");
  server.stdin?.destroy();
  await exited;
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Signals the descendants of the shell that runs a server. Backends of a killed server end by themselves. */
async function signalProcesses(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const isKilled = signal === "SIGKILL" && !hasExited(server);
  const exited = isKilled ? once(server, "exit") : undefined;
  const pids = hasExited(server) ? [] : postgresProcesses(server.pid ?? 0);
  for (const pid of pids) sendSignal(pid, signal);
  await exited;
  if (!isKilled) return;
  await stop(server);
  // The next server does not start while a process still uses the shared memory of this one.
  while (pids.some(isRunning)) await delay(10);
}

/** Whether a process exists and is not a zombie. */
function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/** Returns the server, the first child of its shell that is not `cat`, and its backends. Linux only. */
function postgresProcesses(shell: number): readonly number[] {
  const children = (parent: number) =>
    readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  const main = children(shell).filter((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "postgres");
  return [...main, ...main.flatMap(children)];
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    // A backend has ended meanwhile.
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SAFE_PATH } from "../interpreter/interpreter.ts";
import { kill } from "./kill-processes.ts";
import type { Environment } from "./worker-environment.ts";
import {
  encodeLine,
  LineSplitter,
  parseEvent,
  type ZygoteBoot,
  type ZygoteCommand,
  type ZygoteEvent,
} from "./zygote-protocol.ts";

/** Milliseconds to wait for the last output. A process that inherited a pipe of the zygote may keep it open. */
const LAST_OUTPUT_MS = 250;

/** The file descriptor to which a zygote writes its events. */
const EVENT_FD = 3;

/** The command, environment and first message of a zygote. */
export interface ZygoteLaunch {
  /** Path of the interpreter. */
  readonly interpreter: string;
  readonly cwd: string;
  readonly env: Environment;
  readonly boot: ZygoteBoot;
}

/** Receives the events and the output of a zygote. */
export interface ZygoteChannelListener {
  onEvent(event: ZygoteEvent): void;
  /** The zygote sent a line that is not an event. */
  onInvalidLine(line: string): void;
  /** The zygote, or a module that it imports, wrote to stdout or stderr. */
  onOutput(source: "stdout" | "stderr", piece: string): void;
}

/** How a zygote ended. */
export type ZygoteEnd =
  | { readonly is: "not-started"; readonly error: Error }
  | { readonly is: "exited"; readonly exitCode: number }
  | { readonly is: "signalled"; readonly signal: string };

/** The process of a zygote and the pipes to and from it. */
export class ZygoteChannel {
  /** Resolves after the process has ended and its last event was delivered; never rejects. */
  readonly ended: Promise<ZygoteEnd>;
  readonly #child: ChildProcess | undefined;

  constructor(launch: ZygoteLaunch, listener: ZygoteChannelListener) {
    try {
      this.#child = spawnZygote(launch);
    } catch (thrown) {
      // Node throws some errors, such as an environment that is too large, instead of emitting them.
      this.ended = Promise.resolve({ is: "not-started", error: thrown as Error });
      return;
    }
    this.ended = follow(this.#child, listener);
    this.send(launch.boot);
  }

  /** The process ID; `undefined` if the process could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Sends a message. Does nothing if the process has ended. */
  send(message: ZygoteBoot | ZygoteCommand): void {
    const stdin = this.#child?.stdin;
    if (stdin?.writable) stdin.write(encodeLine(message));
  }

  /** Sends a signal to the process and its process group. Workers are in separate groups. */
  kill(signal: NodeJS.Signals): void {
    if (this.#child === undefined) return;
    const { pid, exitCode, signalCode } = this.#child;
    // The PID cannot be reused before Node has reaped the process.
    if (pid !== undefined && exitCode === null && signalCode === null) kill(-pid, signal);
  }
}

function spawnZygote({ boot, interpreter, cwd, env }: ZygoteLaunch): ChildProcess {
  // The run ID and the pool identify the process in the output of ps.
  const program = ["-m", "snakepit_bridge", "zygote", "--run-id", boot.run_id, "--pool", boot.pool];
  return spawn(interpreter, [...boot.python_args, ...program], {
    cwd,
    env: { ...SAFE_PATH, ...env },
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    // A separate process group: only the host handles Ctrl-C in a terminal.
    detached: true,
  });
}

async function follow(child: ChildProcess, listener: ZygoteChannelListener): Promise<ZygoteEnd> {
  const { promise, resolve } = Promise.withResolvers<ZygoteEnd>();
  child.once("error", (error) => {
    if (child.pid === undefined) resolve({ is: "not-started", error });
  });
  child.once("exit", (exitCode, signal) => {
    resolve(signal === null ? { is: "exited", exitCode: exitCode ?? -1 } : { is: "signalled", signal });
  });
  // Without a free file descriptor, Node creates no streams, contrary to its types.
  if ((child.stdio as ChildProcess["stdio"] | undefined) === undefined) return promise;
  const [stdin, stdout, stderr] = [child.stdin as Writable, child.stdout as Readable, child.stderr as Readable];
  const events = child.stdio[EVENT_FD] as Readable;
  // A pipe breaks when the process ends, which is reported below.
  for (const stream of [stdin, stdout, stderr, events]) stream.on("error", () => {});
  stdout.setEncoding("utf8").on("data", (piece: string) => listener.onOutput("stdout", piece));
  stderr.setEncoding("utf8").on("data", (piece: string) => listener.onOutput("stderr", piece));
  const splitter = new LineSplitter();
  events.setEncoding("utf8").on("data", (piece: string) => {
    for (const line of splitter.push(piece)) deliver(line, listener);
  });

  const end = await promise;
  const drained = Promise.allSettled([stdout, stderr, events].map((stream) => finished(stream)));
  if (end.is !== "not-started") await Promise.race([drained, sleep(LAST_OUTPUT_MS, undefined, { ref: false })]);
  for (const stream of [stdin, stdout, stderr, events]) stream.destroy();
  return end;
}

function deliver(line: string, listener: ZygoteChannelListener): void {
  const event = parseEvent(line);
  if (event === undefined) listener.onInvalidLine(line);
  else listener.onEvent(event);
}

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SAFE_PATH } from "../interpreter/safe-path.ts";
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

/** A process that inherited a pipe from the zygote must not delay the report of its end. */
const LAST_OUTPUT_MS = 250;

/** The file descriptor to which a zygote writes its events. */
const EVENT_FD = 3;

/** How a zygote is started. */
export interface ZygoteLaunch {
  /** Path of the interpreter. */
  readonly interpreter: string;
  readonly cwd: string;
  readonly env: Environment;
  readonly boot: ZygoteBoot;
}

/** Receives what comes from a zygote. */
export interface ZygoteChannelListener {
  event(event: ZygoteEvent): void;
  /** It sent something that is not an event. */
  garbage(line: string): void;
  /** It wrote to its own standard output or error; so do the modules that it imports. */
  wrote(source: "stdout" | "stderr", piece: string): void;
}

/** How a zygote ended. */
export type ZygoteEnd =
  | { readonly is: "not-started"; readonly error: Error }
  | { readonly is: "exited"; readonly exitCode: number }
  | { readonly is: "signalled"; readonly signal: string };

/** The operating system's side of a zygote: its process and the lines to and from it. */
export class ZygoteChannel {
  /** Resolves after the last event was delivered; never rejects. */
  readonly ended: Promise<ZygoteEnd>;
  readonly #child: ChildProcess | undefined;

  constructor(launch: ZygoteLaunch, listener: ZygoteChannelListener) {
    try {
      this.#child = spawnZygote(launch);
    } catch (thrown) {
      // Some errors, such as an environment that is too large, are thrown by Node at once and not emitted later.
      this.ended = Promise.resolve({ is: "not-started", error: thrown as Error });
      return;
    }
    this.ended = follow(this.#child, listener);
    this.send(launch.boot);
  }

  /** `undefined` when the process could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  send(message: ZygoteBoot | ZygoteCommand): void {
    const stdin = this.#child?.stdin;
    if (stdin?.writable) stdin.write(encodeLine(message));
  }

  /** Sends a signal to the process and what is in its group; workers have groups of their own. */
  kill(signal: NodeJS.Signals): void {
    if (this.#child === undefined) return;
    const { pid, exitCode, signalCode } = this.#child;
    // Until Node has reaped it the number belongs to no other process.
    if (pid !== undefined && exitCode === null && signalCode === null) kill(-pid, signal);
  }
}

function spawnZygote({ boot, interpreter, cwd, env }: ZygoteLaunch): ChildProcess {
  // The run id and the pool are there for people who look at the process table.
  const program = ["-m", "snakepit_bridge", "zygote", "--run-id", boot.run_id, "--pool", boot.pool];
  return spawn(interpreter, [...boot.python_args, ...program], {
    cwd,
    env: { ...SAFE_PATH, ...env },
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    // A separate group: a terminal's Ctrl-C is for the host to handle.
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
  // When there is no file descriptor to be had, Node makes no streams, although its types say so.
  if ((child.stdio as ChildProcess["stdio"] | undefined) === undefined) return promise;
  const [stdin, stdout, stderr] = [child.stdin as Writable, child.stdout as Readable, child.stderr as Readable];
  const events = child.stdio[EVENT_FD] as Readable;
  // A pipe breaks when the process dies, and its end is reported below.
  for (const stream of [stdin, stdout, stderr, events]) stream.on("error", () => {});
  stdout.setEncoding("utf8").on("data", (piece: string) => listener.wrote("stdout", piece));
  stderr.setEncoding("utf8").on("data", (piece: string) => listener.wrote("stderr", piece));
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
  if (event === undefined) listener.garbage(line);
  else listener.event(event);
}

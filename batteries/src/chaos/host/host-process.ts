import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { processesWith, signalProcess } from "../processes.ts";
import type { HostOperations } from "./operations.ts";

const PROGRAM = new URL("main.ts", import.meta.url).pathname;

/** The environment variable that the processes of one host have in common. */
const HOST_MARK = "SNAKEPIT_CHAOS_HOST";

/** The names of the methods of {@link HostOperations}. */
export type OperationName = Exclude<keyof HostOperations, "isOpen">;

/** A request to the process of a host. */
export interface HostRequest {
  readonly id: number;
  readonly name: OperationName;
  readonly args: readonly unknown[];
}

/** Its answer. */
export type HostAnswer =
  | { readonly id: number; readonly value: unknown; readonly error?: undefined }
  | { readonly id: number; readonly error: string };

/** A host in a separate process, which a scenario may hurt. */
export class HostProcess {
  /** Resolves when the process has ended, with its exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #mark: string;
  readonly #stderr: Promise<string>;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #requests = 0;

  private constructor(child: ChildProcess, mark: string) {
    this.#child = child;
    this.#mark = mark;
    this.#stderr = text(child.stderr as NonNullable<typeof child.stderr>);
    this.ended = once(child, "exit").then(([code, signal]) => code ?? signal);
    child.on("message", (message) => this.#receive(message as HostAnswer | "ready"));
    void this.ended.then((how) => this.#rejectAll(how));
  }

  /**
   * Starts the process. Resolves when it accepts operations.
   *
   * @param env the environment.
   * @param wrapper a command that executes the process, for example `prlimit --nofile=128:`.
   */
  static async start(env: NodeJS.ProcessEnv, wrapper: readonly string[] = []): Promise<HostProcess> {
    const mark = randomUUID();
    const [program = "", ...args] = [...wrapper, process.execPath, "--disable-warning=ExperimentalWarning", PROGRAM];
    const child = spawn(program, args, {
      env: { ...env, [HOST_MARK]: mark },
      stdio: ["ignore", "inherit", "pipe", "ipc"],
      serialization: "advanced",
    });
    const host = new HostProcess(child, mark);
    const ready = once(child, "message");
    const failed = host.ended.then(async (how): Promise<never> => {
      throw new Error(`the process of the host ended (${how}) before it was ready: ${await host.#stderr}`);
    });
    // A process that ends later is not a failure.
    failed.catch(() => {});
    await Promise.race([ready, failed]);
    return host;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Returns the processes of the host: itself, its zygotes and workers, and the processes that tools started. */
  processes(): readonly number[] {
    return processesWith(HOST_MARK, this.#mark);
  }

  /** Executes an operation in the process. Rejects if it fails or the process ends. */
  async call<Name extends OperationName>(
    name: Name,
    ...args: Parameters<HostOperations[Name]>
  ): Promise<Awaited<ReturnType<HostOperations[Name]>>> {
    this.#requests += 1;
    const id = this.#requests;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#child.send({ id, name, args } satisfies HostRequest, (error) => error && answer.reject(error));
    return (await answer.promise) as Awaited<ReturnType<HostOperations[Name]>>;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Disconnects from the process, which then ends. Resolves with how it ended; kills it after `timeoutMs`. */
  async leave(timeoutMs = 60_000): Promise<number | NodeJS.Signals> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.signal("SIGKILL"), timeoutMs);
    const how = await this.ended;
    clearTimeout(timer);
    return how;
  }

  /** Kills all processes of the host. */
  killAll(): void {
    for (const pid of this.processes()) signalProcess(pid, "SIGKILL");
  }

  #receive(message: HostAnswer | "ready"): void {
    if (message === "ready") return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(new Error(`in the host: ${message.error}`));
  }

  #rejectAll(how: number | NodeJS.Signals): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(`the process of the host ended: ${how}`));
    this.#waiting.clear();
  }
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

const ONE_CALL = new URL("one-call.ts", import.meta.url).pathname;

/** The result of a host that was started, called and closed. */
export interface OneCall {
  readonly value?: unknown;
  readonly code?: string;
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What differs in the process while a host runs in it. */
export interface Surroundings {
  /** A shell command that runs in the namespaces of the process before the host starts. */
  readonly before?: string;
  /** A shell command that reverts `before`. */
  readonly after?: string;
  /** Changed environment variables; the next call has the original ones again. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A request to the process: a host, and what differs while it runs. */
export interface CallRequest extends Surroundings {
  readonly config: object;
}

/** A process with special permissions, namespaces or limits in which hosts run, one after another. */
export class CallProcess implements AsyncDisposable {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /**
   * Starts a process, and resolves when it runs with its permissions.
   *
   * @param wrapper the command that starts the process, for example `unshare --mount`.
   */
  static async start(wrapper: readonly string[], cwd: string): Promise<CallProcess> {
    const [program = "", ...args] = [...wrapper, process.execPath, "-C", "source", "--no-warnings", ONE_CALL];
    const child = spawn(program, args, {
      cwd,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // JSON would omit the variables that are undefined.
      serialization: "advanced",
    });
    const started = new CallProcess(child);
    await started.#message();
    return started;
  }

  /** Starts a host with this configuration, calls it and closes it. */
  async call(config: object, surroundings: Surroundings = {}): Promise<OneCall> {
    const answer = this.#message();
    this.#process.send({ config, ...surroundings } satisfies CallRequest);
    return (await answer) as OneCall;
  }

  /** Resolves with the next message of the process; rejects if it ends. */
  async #message(): Promise<unknown> {
    const over = new AbortController();
    const { signal } = over;
    try {
      const message = once(this.#process, "message", { signal });
      const end = once(this.#process, "exit", { signal }).then((status): never => {
        throw new Error(`the process of the host ended: ${status}`);
      });
      const [received] = (await Promise.race([message, end])) as [unknown];
      return received;
    } finally {
      over.abort();
    }
  }

  /**
   * Changes a limit of the running process.
   *
   * @param option an option of prlimit(1).
   * @param wrapper the command that runs it with the required permissions.
   */
  limit(option: string, wrapper: readonly string[] = []): void {
    const [program = "", ...args] = [...wrapper, "prlimit", "--pid", String(this.#process.pid), option];
    execFileSync(program, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#process.connected) return;
    const exit = once(this.#process, "exit");
    this.#process.disconnect();
    await exit;
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Transport } from "../inputs/record-inputs.ts";
import { PYTHON, PYTHON_SOURCES, pythonFile } from "../project-files.ts";

/** How a worker process ended. */
export interface WorkerExited {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Its last lines on standard error. */
  readonly stderr: string;
}

type ZygoteEvent = Readonly<Record<string, unknown>> & { readonly event: string; readonly worker_id?: string };

/** A zygote without a host: starts real worker processes, as a host does, which connect to any address. */
export class Zygote implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #ready: Promise<void>;
  readonly #exits = new Map<string, (exited: WorkerExited) => void>();
  readonly #ended: Promise<unknown>;

  constructor(transport: Transport) {
    const program = [pythonFile("patient_zygote.py"), "zygote", "--run-id", "fuzzing", "--pool", "fuzz"];
    this.#process = spawn(PYTHON, program, {
      env: { ...process.env, PYTHONPATH: PYTHON_SOURCES },
      stdio: ["pipe", "ignore", "inherit", "pipe"],
    });
    this.#ended = once(this.#process, "close");
    this.#process.stdin?.on("error", () => {});
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#ready = promise;
    createInterface(this.#process.stdio[3] as Readable).on("line", (text) => {
      const event = JSON.parse(text) as ZygoteEvent;
      if (event.event === "ready") resolve();
      else if (event.event === "failed" || event.event === "start_failed") reject(new Error(String(event["message"])));
      else if (event.event === "exited") this.#onExited(event);
    });
    void this.#ended.then(() => reject(new Error("the zygote ended")));
    this.#send({
      method: "fork",
      target: pythonFile("fuzz_tools.py"),
      path: [],
      python_args: [],
      run_id: "fuzzing",
      pool: "fuzz",
      transport,
      watch: false,
      limits: {},
      encoded_options: "",
    });
  }

  /** Starts a worker. Resolves when it has been requested. */
  async start(workerId: string, address: string): Promise<{ readonly exited: Promise<WorkerExited> }> {
    await this.#ready;
    const exited = new Promise<WorkerExited>((resolve) => this.#exits.set(workerId, resolve));
    this.#send({ command: "start", workers: [{ worker_id: workerId, token: "token", address }] });
    return { exited };
  }

  /** Kills a worker that does not end itself. */
  kill(workerId: string): void {
    this.#send({ command: "kill", worker_id: workerId, signal: "SIGKILL" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It ends its workers when its standard input is closed.
    this.#process.stdin?.end();
    await this.#ended;
  }

  #onExited(event: ZygoteEvent): void {
    const id = String(event.worker_id);
    const { exit_code: exitCode, signal, stderr_tail: stderr } = event;
    this.#exits.get(id)?.({
      exitCode: exitCode as number | null,
      signal: signal as string | null,
      stderr: String(stderr),
    });
    this.#exits.delete(id);
  }

  #send(message: object): void {
    this.#process.stdin?.write(`${JSON.stringify(message)}\n`);
  }
}

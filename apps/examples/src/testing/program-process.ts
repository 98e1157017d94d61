import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** What a program printed, and how it failed. */
export interface ProgramResult {
  readonly printed: string;
  readonly failure?: string;
}

/**
 * A process that runs TypeScript programs one after another. Most of the processor time of a short program is the
 * start of Node.js and the import of the product, which they share.
 */
export class ProgramProcess {
  readonly #process: ChildProcess;
  /** What the current program wrote to the standard error output. */
  #errors = "";

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#process = fork(join(import.meta.dirname, "program-host.ts"), {
      execArgv: ["--conditions=source", "--disable-warning=ExperimentalWarning"],
      env,
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (output: string) => {
      this.#errors += output;
    });
  }

  /**
   * Runs a program in its folder and returns its output.
   *
   * @throws Error if the program threw or set an exit code, or if the process ended.
   */
  async output(file: string): Promise<string> {
    const over = new AbortController();
    const { signal } = over;
    this.#errors = "";
    try {
      const answer = once(this.#process, "message", { signal });
      const end = once(this.#process, "exit", { signal });
      this.#process.send(file);
      const [result] = (await Promise.race([
        answer,
        end.then((status) => [{ printed: "", failure: `the process ended: ${status}` }]),
      ])) as [ProgramResult];
      if (result.failure !== undefined) {
        throw new Error(`${file} failed: ${result.failure}\n${result.printed}${this.#errors}`);
      }
      return result.printed;
    } finally {
      // Removes the listeners; the race handles both rejections.
      over.abort();
    }
  }

  /** Resolves with the exit code when the process has ended by itself, as it does if no program left work behind. */
  async end(): Promise<number | null> {
    if (!this.#process.connected) return this.#process.exitCode;
    const exit = once(this.#process, "exit");
    this.#process.disconnect();
    const [code] = (await exit) as [number | null];
    return code;
  }
}

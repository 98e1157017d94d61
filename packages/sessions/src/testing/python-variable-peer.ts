import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { VariableAnswer, VariableCase } from "./variable-cases.ts";

const TESTS = fileURLToPath(new URL("../../../python-bridge/python/tests/", import.meta.url));
const ENVIRONMENT = fileURLToPath(new URL("../../../../.venv/", import.meta.url));

/** A real Python process that answers the same cases, one line of JSON per request and answer. */
export class PythonVariablePeer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #exit: Promise<unknown[]>;
  #errorText = "";

  constructor() {
    const python =
      process.env["SNAKEPIT_PYTHON"] ??
      `${ENVIRONMENT}${process.platform === "win32" ? "Scripts/python.exe" : "bin/python"}`;
    this.#process = spawn(python, ["-m", "session.variable_peer"], { cwd: TESTS });
    this.#exit = once(this.#process, "close");
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errorText += text;
    });
  }

  async answer(question: VariableCase): Promise<VariableAnswer> {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    const line = await this.#answers.next();
    if (line.done !== true) return JSON.parse(line.value);
    await this.#exit;
    throw new Error(`the Python peer has ended: ${this.#errorText}`);
  }

  /** Closes the input of the process and waits for its exit. */
  async close(): Promise<void> {
    this.#process.stdin.end();
    const [status] = await this.#exit;
    if (status !== 0) throw new Error(`the Python peer ended with status ${status}: ${this.#errorText}`);
  }
}
